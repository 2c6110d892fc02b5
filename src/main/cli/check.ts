import type { Command } from 'commander'
import { verdictText, type ModelVerdict } from '../../shared/calibration'
import { milliseconds } from './figures'
import { followJob } from './follow-job'
import type { Run } from './run'
import { table, wrapped } from './table'

const HELP = `
Checks:
  parity      this engine's logits against libllama's on the same file
  equality    recomputing everything gives full prefill's logits bit for bit
  shift       moving the whole context changes nothing beyond rounding
  needle      numbers planted in cached chunks are found as full prefill finds them

The verdict is kept for this file, version of the engine and device. Where a check failed, strategies that compute parts
of caches again are refused for the model; full, prefix and reuse remain. Exit code 1 when a check failed.

Example:
  kvasir models check llama-3.2-1b-q4_0`

/** `kvasir models check` */
export function addCheckCommand(models: Command, run: Run): void {
  models
    .command('check')
    .argument('<model>', "a model's id")
    .description("check that the model's caches may be reused and blended")
    .addHelpText('after', HELP)
    .action(
      run(async (session, id: string) => {
        const { workbench, output, fail } = session
        const job = await followJob(session, await workbench.models.check(id))
        const verdict = (await workbench.models.list()).find((model) => model.id === id)?.verdict ?? null
        output.result({ job, model: id, verdict })
        if (!verdict) return
        output.line(verdictTable(verdict))
        if (verdict.passed) output.remark(`${id} on ${verdict.device}: ${verdictText(verdict)}`)
        else fail(job.result ?? verdictText(verdict))
      }),
    )
}

export function verdictWord(verdict: ModelVerdict | null): string {
  if (!verdict) return 'unchecked'
  return verdict.passed ? 'passed' : 'failed'
}

/** A line for each check, with what it found below. */
export function verdictTable({ checks }: ModelVerdict): string {
  const columns = process.stdout.columns as number | undefined
  const heads = table(['check', 'result', 'time'], checks.map(({ name, result, ms }) => [name, result, milliseconds(ms)]))
  const [titles = '', ...lines] = heads.split('\n')
  return [titles, ...lines.flatMap((line, at) => [line, `  ${wrapped(checks[at]?.detail ?? '', columns, 2)}`])].join('\n')
}
