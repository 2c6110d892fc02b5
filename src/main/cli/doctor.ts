import type { Command } from 'commander'
import { several } from './figures'
import type { Run } from './run'

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
          output.line(`${marks[status]}  ${name}: ${detail}`)
          if (remedy) output.line(`    ${remedy}`)
        }
        const failed = report.checks.filter(({ status }) => status === 'failed')
        if (failed.length === 0) return
        fail(`${several(failed.length, 'check')} failed: ${failed.map(({ name }) => name).join(', ')}. See above.`)
      }),
    )
}
