/** Jobs that outlive their workbench: kept while they have not ended, taken up by the next one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Jobs, type JobRequest } from '../../src/main/jobs/jobs'
import type { JobSpec } from '../../src/main/jobs/spec'
import { Sql } from '../../src/main/store/sql'
import { UnfinishedJobs } from '../../src/main/store/unfinished-jobs'
import { WorkbenchError } from '../../src/shared/errors'
import type { JobOutcome, JobSubject } from '../../src/shared/jobs'
import type { JobState } from '../../src/shared/workbench'
import { tempFolder } from '../helpers/temp-folder'

const OUTCOME: JobOutcome = { what: 'scrub', checked: 2, damaged: 0 }

class Day implements AsyncDisposable {
  readonly sql: Sql
  readonly rows: UnfinishedJobs
  readonly jobs = new Jobs()

  constructor(folder: string) {
    this.sql = new Sql(join(folder, 'index.sqlite'))
    this.rows = new UnfinishedJobs(this.sql)
  }

  start(name: string, more: Partial<JobRequest> = {}): JobState {
    return this.jobs.start(request(name, more))
  }

  takeUp(): Promise<JobState[]> {
    return this.jobs.takeUp(this.rows, async (spec) => {
      if (spec.job !== 'check') throw new WorkbenchError('internal', spec.job)
      if (spec.model === 'gone') throw new WorkbenchError('not-found', 'It was removed.')
      return this.start(spec.model)
    })
  }

  /** As a crash leaves it: nothing is closed, nothing is written. */
  crash(): void {
    this.rows[Symbol.dispose]()
    this.sql[Symbol.dispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.jobs[Symbol.asyncDispose]()
    this.crash()
  }
}

/** Runs until it is stopped. */
function request(name: string, more: Partial<JobRequest> = {}): JobRequest {
  const [spec, subject]: [JobSpec, JobSubject] = [{ job: 'check', model: name }, { what: 'check', model: name }]
  const run: JobRequest['run'] = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new WorkbenchError('cancelled', 'Cancelled.'))))
  return { kind: 'check', subject, unit: 'checks', set: null, pause: 'again', spec, run, ...more }
}

const shown = (jobs: readonly JobState[]): string[] => jobs.map(({ title, status }) => `${title.slice('Checking '.length)} ${status}`)

describe('jobs that had not ended when the workbench closed', () => {
  it('go on at the next start, in their order, paused ones paused', async () => {
    await using folder = await tempFolder()
    {
      await using day = new Day(folder.path)
      await day.takeUp()
      for (const name of ['a', 'b', 'c', 'd']) day.start(name)
      const done = day.start('e', { kind: 'scrub', run: async () => OUTCOME })
      await day.jobs.finished(done.id)
      day.jobs.cancel('j3')
      day.jobs.move('j4', 'first')
      day.jobs.pause('j2')
    }
    await using next = new Day(folder.path)
    expect(next.rows.list().map(({ subject }) => subject)).toEqual(['a', 'd', 'b'].map((model) => ({ what: 'check', model })))
    expect(await next.takeUp()).toHaveLength(3)
    expect(shown(next.jobs.list())).toEqual(['a running', 'd waiting', 'b paused'])
    expect(next.rows.list()).toEqual([])
  })

  it('wait for the same jobs as before', async () => {
    await using folder = await tempFolder()
    {
      await using day = new Day(folder.path)
      await day.takeUp()
      const { id } = day.start('first')
      day.start('second', { kind: 'build', after: id })
    }
    await using next = new Day(folder.path)
    await next.takeUp()
    // Taken up they are of one kind here; what they wait for is what is looked at.
    expect(shown(next.jobs.list())).toEqual(['first running', 'second waiting'])
    next.jobs.pause('j1')
    await sleep(5)
    expect(shown(next.jobs.list())).toEqual(['first paused', 'second waiting'])
  })

  it('are dropped where what they are for was removed since', async () => {
    await using folder = await tempFolder()
    {
      await using day = new Day(folder.path)
      await day.takeUp()
      day.start('gone')
    }
    await using next = new Day(folder.path)
    expect(await next.takeUp()).toEqual([])
    expect(next.jobs.list()).toEqual([])
    expect(next.rows.list()).toEqual([])
  })

  it('stay where nobody takes them up, and are not kept by a face that does not stay', async () => {
    await using folder = await tempFolder()
    {
      await using day = new Day(folder.path)
      await day.takeUp()
      day.start('kept')
    }
    {
      await using command = new Day(folder.path)
      command.start('own')
      expect(shown(command.jobs.list())).toEqual(['own running'])
    }
    await using next = new Day(folder.path)
    expect(next.rows.list().map(({ subject }) => subject)).toEqual([{ what: 'check', model: 'kept' }])
  })

  it('belong to one of two workbenches that are open at once', async () => {
    await using folder = await tempFolder()
    await using first = new Day(folder.path)
    await first.takeUp()
    first.start('a')
    await using second = new Day(folder.path)
    expect(await second.takeUp()).toEqual([])
    expect(second.rows.list()).toEqual([])
  })
})

describe('jobs in the middle of which the workbench crashed', () => {
  it('are started again once, and then only when a person says so', async () => {
    await using folder = await tempFolder()
    const first = new Day(folder.path)
    await first.takeUp()
    first.start('a')
    first.start('b')
    first.crash()
    const second = new Day(folder.path)
    await second.takeUp()
    expect(second.jobs.list().map(({ title, status }) => `${title} ${status}`)).toEqual(['Checking a running', 'Checking b waiting'])
    second.crash()
    await using third = new Day(folder.path)
    await third.takeUp()
    expect(third.jobs.list().map(({ title, status, crashes }) => `${title} ${status} ${crashes}`)).toEqual([
      'Checking a paused 2',
      'Checking b running 0',
    ])
    third.jobs.resume('j1')
    expect(third.jobs.list()[0]).toMatchObject({ status: 'waiting', crashes: 0 })
  })

  it('count anew after the workbench was closed properly', async () => {
    await using folder = await tempFolder()
    const first = new Day(folder.path)
    await first.takeUp()
    first.start('a')
    first.crash()
    {
      await using second = new Day(folder.path)
      await second.takeUp()
    }
    await using third = new Day(folder.path)
    expect(third.rows.list()).toMatchObject([{ starts: 0 }])
  })
})
