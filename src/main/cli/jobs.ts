import { Option, type Command } from 'commander'
import type { JobState, UnfinishedJob } from '../../shared/workbench'
import { answered, connect, type RemoteWorkbench } from '../rpc/http-client'
import { wholeBetween } from './ask'
import { clock, count } from './figures'
import { followJob } from './follow-job'
import type { Bare, Run, RunBare } from './run'
import { numbers, table } from './table'

interface At {
  readonly url: string
}

const HELP = `
A workbench that stays open (kvasir serve, the window) keeps its jobs until they have ended: what it leaves when it closes
goes on when the next one opens. "run" finishes that without one.

Examples:
  kvasir jobs list                                      what an earlier workbench left unfinished
  kvasir jobs run                                       finish it now
  kvasir jobs list --url "http://127.0.0.1:8080/#token=…"    what an open one does
  kvasir jobs pause j3 --url "http://127.0.0.1:8080/#token=…"`
const PLACES = ['first', 'up', 'down', 'last'] as const

/** `kvasir jobs list | run | drop | pause | resume | cancel | retry | move | clear` */
export function addJobsCommands(program: Command, run: Run, bare: RunBare): void {
  const jobs = program.command('jobs').description('long work: what is left of it, what an open workbench does').addHelpText('after', HELP)

  const listOpen = bare(async ({ output }, { url }: At) => {
    const list = await answered(connect(url).jobs.list.query())
    output.result({ jobs: list })
    output.line(list.length === 0 ? 'No jobs.' : jobsTable(list))
  })
  const listLeft = run(async ({ workbench, output }) => {
    const unfinished = workbench.jobs.unfinished()
    output.result({ unfinished })
    output.line(unfinished.length === 0 ? 'Nothing was left unfinished.' : unfinishedTable(unfinished))
    if (unfinished.length > 0) output.remark('Finish it: kvasir jobs run. Without some of it: kvasir jobs drop ID')
  })
  jobs
    .command('list')
    .option('--url <address>', 'of an open workbench, as it printed it, to list its jobs')
    .description('list jobs that were left unfinished, or those of an open workbench')
    .action(async (options: Partial<At>, command: Command) => {
      const { url } = options
      await (url === undefined ? listLeft(command) : listOpen({ url }, command))
    })

  jobs
    .command('run')
    .description('finish what was left unfinished, one after the other; Ctrl-C leaves the rest for another day')
    .action(
      run(async (session) => {
        const { workbench, output, signal, fail } = session
        const started = await workbench.jobs.takeUp()
        const ended: JobState[] = []
        for (const { id } of started) workbench.jobs.resume(id)
        for (const job of started) {
          try {
            const end = await followJob(session, job, 'leave')
            ended.push(end)
            output.line(`${end.title}: ${end.result}`)
          } catch (error) {
            if (signal.aborted) throw error
            fail(`${job.title} failed: ${error instanceof Error ? error.message : String(error)}`)
          }
        }
        output.result({ jobs: ended })
        if (started.length === 0) output.line('Nothing was left unfinished.')
      }),
    )

  jobs
    .command('drop')
    .argument('<id>', 'number of an unfinished job', wholeBetween(1, Number.MAX_SAFE_INTEGER))
    .description('forget a job that was left unfinished; what it has done stays')
    .action(
      run(async ({ workbench, output }, id: number) => {
        workbench.jobs.drop(id)
        output.result({ dropped: id })
        output.line(`Dropped ${id}.`)
      }),
    )

  const remote = (name: 'pause' | 'resume' | 'cancel' | 'retry', text: string): void => {
    addressed(jobs.command(name).argument('<id>', 'of a job, as `kvasir jobs list` shows it'))
      .description(text)
      .action(bare(async (given, id: string, { url }: At) => await changed(given, connect(url), { id, name })))
  }
  remote('pause', 'pause a job of an open workbench: it stops at its next safe point')
  remote('resume', 'let a paused job of an open workbench go on')
  remote('cancel', 'cancel a job of an open workbench; what it has done stays')
  remote('retry', 'start a failed or cancelled job of an open workbench anew')

  addressed(jobs.command('move').argument('<id>', 'of a waiting or paused job'))
    .addOption(new Option('--to <place>', 'where it goes among those that wait').choices(PLACES).makeOptionMandatory())
    .description('change the order in which waiting jobs of an open workbench start')
    .action(
      bare(async ({ output }, id: string, { url, to }: At & { readonly to: (typeof PLACES)[number] }) => {
        const client = connect(url)
        await answered(client.jobs.move.mutate({ id, to }))
        const list = await answered(client.jobs.list.query())
        output.result({ jobs: list })
        output.line(jobsTable(list))
      }),
    )

  addressed(jobs.command('clear'))
    .description('forget the ended jobs of an open workbench')
    .action(
      bare(async ({ output }, { url }: At) => {
        await answered(connect(url).jobs.clear.mutate())
        output.result({ cleared: true })
        output.line('Ended jobs are forgotten.')
      }),
    )
}

function addressed(command: Command): Command {
  return command.requiredOption('--url <address>', 'of the open workbench, as it printed it')
}

async function changed(
  { output }: Bare,
  client: RemoteWorkbench,
  { id, name }: { readonly id: string; readonly name: 'pause' | 'resume' | 'cancel' | 'retry' },
): Promise<void> {
  await answered<unknown>(client.jobs[name].mutate({ id }))
  const job = (await answered(client.jobs.list.query())).find((each) => each.id === id)
  output.result({ job: job ?? null })
  if (job) output.line(`${job.id}  ${job.title}: ${job.isPausing ? 'pausing' : job.status}`)
}

function jobsTable(jobs: readonly JobState[]): string {
  const rows = jobs.map((job) => [
    job.id,
    job.title,
    job.isPausing ? 'pausing' : job.status,
    job.total > 0 ? `${count(job.done)}/${count(job.total)} ${job.unit}` : '-',
    job.etaSeconds === null ? '-' : clock(job.etaSeconds),
    job.error?.message ?? job.result ?? (job.status === 'running' ? job.phase : ''),
  ])
  return table(['id', 'job', 'state', numbers('done'), numbers('ETA'), ''], rows)
}

function unfinishedTable(jobs: readonly UnfinishedJob[]): string {
  const rows = jobs.map(({ id, title, isPaused, crashes }) => [
    String(id),
    title,
    crashes > 0 ? `Kvasir crashed in the middle of it${crashes > 1 ? `, ${crashes} times` : ''}` : isPaused ? 'paused' : 'waiting',
  ])
  return table([numbers('id'), 'job', 'state'], rows)
}
