import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { throwIfCancelled } from '../../src/main/base/cancelled'
import { Jobs, type JobRequest } from '../../src/main/jobs/jobs'
import { Pace } from '../../src/main/jobs/pace'
import { WorkbenchError } from '../../src/shared/errors'
import type { JobOutcome } from '../../src/shared/jobs'
import type { JobState } from '../../src/shared/workbench'

const request = (run: JobRequest['run'], more: Partial<JobRequest> = {}): JobRequest => ({
  kind: 'build',
  subject: { what: 'build', set: 'T' },
  unit: 'tokens',
  set: null,
  run,
  ...more,
})

const OUTCOME: JobOutcome = { what: 'scrub', checked: 2, damaged: 0 }

async function untilCancelled(signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(1)
    throwIfCancelled(signal)
  }
}

describe('jobs', () => {
  it('run, report and end with a result', async () => {
    await using jobs = new Jobs()
    const job = jobs.start(
      request(async ({ report }) => {
        report({ step: { code: 'encoding', name: 'A' }, done: 5, total: 10 })
        return OUTCOME
      }),
    )
    expect(await jobs.finished(job.id)).toMatchObject({
      status: 'done',
      phase: 'Done',
      done: 10,
      total: 10,
      result: '2 files read whole, all of them sound.',
      outcome: OUTCOME,
      title: 'Building "T"',
      error: null,
    })
  })

  it('of one kind run one after the other, of two kinds side by side', async () => {
    await using jobs = new Jobs()
    const order: string[] = []
    const step = (name: string) => async (): Promise<JobOutcome> => {
      order.push(`${name}+`)
      await sleep(5)
      order.push(`${name}-`)
      return OUTCOME
    }
    const all = [
      jobs.start(request(step('a'))),
      jobs.start(request(step('b'))),
      jobs.start(request(step('c'), { kind: 'import' })),
    ]
    await Promise.all(all.map(({ id }) => jobs.finished(id)))
    expect(order.indexOf('a-')).toBeLessThan(order.indexOf('b+'))
    expect(order.indexOf('c+')).toBeLessThan(order.indexOf('a-'))
  })

  it('wait for the job they come after, even one that fails', async () => {
    await using jobs = new Jobs()
    const order: string[] = []
    const first = jobs.start(
      request(
        async () => {
          await sleep(5)
          order.push('import')
          throw new WorkbenchError('document.invalid', 'no')
        },
        { kind: 'import' },
      ),
    )
    const second = jobs.start(
      request(
        async () => {
          order.push('build')
          return OUTCOME
        },
        { after: first.id },
      ),
    )
    await jobs.finished(second.id)
    expect(order).toEqual(['import', 'build'])
    expect(jobs.list().map(({ status }) => status)).toEqual(['failed', 'done'])
  })

  it('tell what failed', async () => {
    await using jobs = new Jobs()
    const job = jobs.start(request(() => Promise.reject(new WorkbenchError('engine.died', 'It died.'))))
    expect(await jobs.finished(job.id)).toMatchObject({
      status: 'failed',
      error: { code: 'engine.died', message: 'It died.' },
    })
    const other = jobs.start(request(() => Promise.reject(new TypeError('bug'))))
    expect((await jobs.finished(other.id)).error?.code).toBe('internal')
  })

  it('are cancelled while they run and while they wait', async () => {
    await using jobs = new Jobs()
    const running = jobs.start(request(({ signal }) => untilCancelled(signal)))
    const waiting = jobs.start(request(async () => OUTCOME))
    jobs.cancel(waiting.id)
    expect(await jobs.finished(waiting.id)).toMatchObject({ status: 'cancelled', startedAt: null })
    jobs.cancel(running.id)
    expect((await jobs.finished(running.id)).status).toBe('cancelled')
    jobs.cancel(running.id)
    expect(() => jobs.cancel('j99')).toThrow(expect.objectContaining({ code: 'not-found' }))
    await expect(jobs.finished('j99')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('end when the workbench closes', async () => {
    const jobs = new Jobs()
    const job = jobs.start(request(({ signal }) => untilCancelled(signal)))
    const waiting = jobs.start(request(async () => OUTCOME))
    const finished = [jobs.finished(job.id), jobs.finished(waiting.id)]
    await jobs[Symbol.asyncDispose]()
    expect((await Promise.all(finished)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
    expect(() => jobs.start(request(async () => OUTCOME))).toThrow(expect.objectContaining({ code: 'conflict' }))
  })

  it('are watched from now on, until the watcher leaves', async () => {
    await using jobs = new Jobs()
    const stop = new AbortController()
    const seen: JobState[] = []
    const watcher = jobs.watch(stop.signal)
    const job = jobs.start(
      request(async ({ report }) => {
        for (let done = 0; done < 1000; done++) report({ step: { code: done < 500 ? 'cutting' : 'indexing' }, done, total: 1000 })
        return OUTCOME
      }),
    )
    await jobs.finished(job.id)
    stop.abort()
    for await (const state of watcher) seen.push(state)
    expect(seen.map(({ status, phase }) => `${status} ${phase}`)).toEqual([
      'waiting Waiting',
      'running Starting',
      'running Cutting documents into chunks',
      'running Indexing',
      'done Done',
    ])
    for await (const state of jobs.watch(stop.signal)) expect.fail(state.id)
  })
})

describe('pace', () => {
  it('estimates from the last while', () => {
    const pace = new Pace()
    expect(pace.take(0, 1000, 0)).toEqual({ speed: null, etaSeconds: null })
    expect(pace.take(10, 1000, 100)).toEqual({ speed: null, etaSeconds: null })
    expect(pace.take(100, 1000, 1000)).toEqual({ speed: 100, etaSeconds: 9 })
    // What was long ago does not count.
    for (let second = 2; second <= 40; second++) pace.take(100 + second, 1000, second * 1000)
    expect(pace.take(141, 1000, 41_000).speed).toBeCloseTo(1, 1)
  })

  it('starts anew when the measure changes', () => {
    const pace = new Pace()
    pace.take(0, 10, 0)
    expect(pace.take(5, 10, 1000).speed).toBe(5)
    expect(pace.take(5, 500, 2000).speed).toBeNull()
    expect(pace.take(3, 500, 4000).speed).toBeNull()
  })
})
