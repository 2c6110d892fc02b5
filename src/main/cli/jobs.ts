import { Option, type Command } from 'commander'
import { WorkbenchError } from '../../shared/errors'
import type { JobState, UnfinishedJob } from '../../shared/workbench'
import { dataDirPath } from '../base/data-dir'
import { answered, type RemoteWorkbench } from '../rpc/http-client'
import { findWorkbench } from '../rpc/serving'
import { wholeBetween } from './ask'
import { clock, count } from './figures'
import { followJob } from './follow-job'
import type { Bare, Run, RunBare } from './run'
import { numbers, table } from './table'

interface At {
  readonly url?: string
}

const HELP = `
A workbench that stays open (kvasir serve, the window) keeps its jobs until they have ended: what it leaves when it closes
goes on when the next one opens. "run" finishes that without one.

A "kvasir serve" of yours on the same data folder is found by itself; --url names another one, or one of several. The window
does not listen to other programs: its jobs are steered in it.

Examples:
  kvasir jobs list                    what an open workbench does, or else what an earlier one left unfinished
  kvasir jobs pause j3
  kvasir jobs run                     finish now what was left
  kvasir jobs list --url "http://127.0.0.1:8080/#token=…"    of a workbench elsewhere`
const URL_TEXT = 'of the open workbench, as it printed it (default: the one on this data folder)'
const PLACES = ['first', 'up', 'down', 'last'] as const

/** `kvasir jobs list | run | drop | pause | resume | cancel | retry | move | clear` */
export function addJobsCommands(program: Command, run: Run, bare: RunBare): void {
  const jobs = program.command('jobs').description('long work: what is left of it, what an open workbench does').addHelpText('after', HELP)

  /** @returns whether one is open */
  const listOpen = async (options: At, command: Command): Promise<boolean> => {
    let isOpen = false
    const list = bare(async (given, at: At) => {
      const client = await openOne(given, at)
      if (client === null) return
      isOpen = true
      const all = await answered(client.jobs.list.query())
      given.output.result({ jobs: all })
      given.output.line(all.length === 0 ? 'No jobs.' : jobsTable(all))
    })
    await list(options, command)
    return isOpen
  }
  const listLeft = run(async ({ workbench, output }) => {
    const unfinished = workbench.jobs.unfinished()
    output.result({ unfinished })
    output.line(unfinished.length === 0 ? 'Nothing was left unfinished.' : unfinishedTable(unfinished))
    if (unfinished.length > 0) output.remark('Finish it: kvasir jobs run. Without some of it: kvasir jobs drop ID')
  })
  jobs
    .command('list')
    .option('--url <address>', URL_TEXT)
    .description('list the jobs of an open workbench, or where there is none those that were left unfinished')
    .action(async (options: At, command: Command) => {
      if (!(await listOpen(options, command))) await listLeft(command)
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
      .action(bare(async (given, id: string, at: At) => await changed(given, await theOpenOne(given, at), { id, name })))
  }
  remote('pause', 'pause a job of an open workbench: it stops at its next safe point')
  remote('resume', 'let a paused job of an open workbench go on')
  remote('cancel', 'cancel a job of an open workbench; what it has done stays')
  remote('retry', 'start a failed or cancelled job of an open workbench anew')

  addressed(jobs.command('move').argument('<id>', 'of a waiting or paused job'))
    .addOption(new Option('--to <place>', 'where it goes among those that wait').choices(PLACES).makeOptionMandatory())
    .description('change the order in which waiting jobs of an open workbench start')
    .action(
      bare(async (given, id: string, { to, ...at }: At & { readonly to: (typeof PLACES)[number] }) => {
        const { output } = given
        const client = await theOpenOne(given, at)
        await answered(client.jobs.move.mutate({ id, to }))
        const list = await answered(client.jobs.list.query())
        output.result({ jobs: list })
        output.line(jobsTable(list))
      }),
    )

  addressed(jobs.command('clear'))
    .description('forget the ended jobs of an open workbench')
    .action(
      bare(async (given, at: At) => {
        const { output } = given
        await answered((await theOpenOne(given, at)).jobs.clear.mutate())
        output.result({ cleared: true })
        output.line('Ended jobs are forgotten.')
      }),
    )
}

function addressed(command: Command): Command {
  return command.option('--url <address>', URL_TEXT)
}

/** At the address given, or on the data folder; null: none is open there. */
async function openOne({ dataDir, output }: Bare, { url }: At): Promise<RemoteWorkbench | null> {
  return await findWorkbench(dataDirPath(dataDir), {
    url,
    onCleared: (origin) => output.remark(`A workbench at ${origin} ended without closing; it is forgotten.`),
  })
}

/** @throws not-found */
async function theOpenOne(given: Bare, at: At): Promise<RemoteWorkbench> {
  const client = await openOne(given, at)
  if (client) return client
  throw new WorkbenchError(
    'not-found',
    `No "kvasir serve" is open on the data folder ${dataDirPath(given.dataDir)}. Start one there, name its folder with --data-dir, or ` +
      'give its address with --url. Jobs of the window are steered in the window.',
  )
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
