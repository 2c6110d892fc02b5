import type { Command } from 'commander'
import { several } from './figures'
import type { Run } from './run'
import { wrapped } from './table'

/** `kvasir doctor` */
export function addDoctorCommand(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('check libraries, devices, memory and the data folder, and say how to mend what is missing')
    .action(
      run(async ({ workbench, output, fail }) => {
        const report = await workbench.doctor()
        output.result(report)
        const { paint } = output
        const marks = { ok: paint.green('ok'), warning: paint.yellow('!!'), failed: paint.red('no') }
        output.line(`Kvasir ${report.version}, data in ${report.dataDir}`)
        output.line()
        for (const { name, status, detail, remedy } of report.checks) {
          output.line(`${marks[status]}  ${inset(`${name}: ${features(detail)}`)}`)
          if (remedy) output.line(`    ${inset(remedy)}`)
        }
        const failed = report.checks.filter(({ status }) => status === 'failed')
        if (failed.length === 0) return
        fail(`${several(failed.length, 'check')} failed: ${failed.map(({ name }) => name).join(', ')}. See above.`)
      }),
    )
}

const MARGIN = 4

/** Behind the marks' margin, and in it where a line goes on. */
function inset(text: string): string {
  const columns = process.stdout.columns as number | undefined
  const lines = text.split('\n').map((line) => wrapped(line, columns && columns - MARGIN, MARGIN))
  return lines.join(`\n${' '.repeat(MARGIN)}`)
}

/** ggml's `AVX2=1 FMA=1` as `AVX2 FMA`: it lists only what there is. */
function features(detail: string): string {
  return detail.replaceAll(/\b([A-Z][A-Z0-9_]*)=1\b/g, '$1')
}
