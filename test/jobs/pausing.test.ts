/** Pause and resume, retry, and the order of what waits. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { throwIfCancelled } from '../../src/main/base/cancelled'
import { Jobs, type JobRequest } from '../../src/main/jobs/jobs'
import { WorkbenchError } from '../../src/shared/errors'
import type { JobOutcome } from '../../src/shared/jobs'
import type { JobState } from '../../src/shared/workbench'

const OUTCOME: JobOutcome = { what: 'scrub', checked: 2, damaged: 0 }

function request(run: JobRequest['run'], more: Partial<JobRequest> = {}): JobRequest {
  return { kind: 'build', subject: { what: 'build', set: 'T' }, unit: 'tokens', set: null, pause: 'again', run, ...more }
}

/** Counts to ten, however often it is interrupted. */
function counting(counted: number[], more: Partial<JobRequest> = {}): JobRequest {
  return request(async ({ signal, report, checkpoint }) => {
    while (counted.length < 10) {
      await sleep(2)
      throwIfCancelled(signal)
      await checkpoint()
      counted.push(counted.length)
      report({ step: { code: 'encoding', name: 'A' }, done: counted.length, total: 10 })
    }
    return OUTCOME
  }, more)
}

async function until(jobs: Jobs, id: string, holds: (job: JobState) => boolean): Promise<JobState> {
  for (;;) {
    const job = jobs.list().find((each) => each.id === id)
    if (job && holds(job)) return job
    await sleep(1)
  }
}

const statusOf = (jobs: Jobs, id: string): string | undefined => jobs.list().find((job) => job.id === id)?.status

describe.each(['again', 'hold'] as const)('a job that pauses by %s', (pause) => {
  it('stops at a safe point, lets others of its kind run, and goes on with the rest', async () => {
    await using jobs = new Jobs()
    const counted: number[] = []
    const { id } = jobs.start(counting(counted, { pause }))
    await until(jobs, id, ({ done }) => done >= 2)
    jobs.pause(id)
    expect(jobs.list()[0]).toMatchObject({ status: 'running', isPausing: true, phase: 'Pausing' })
    await until(jobs, id, ({ status }) => status === 'paused')
    const at = counted.length
    const other = jobs.start(request(async () => OUTCOME))
    expect(await jobs.finished(other.id)).toMatchObject({ status: 'done' })
    await sleep(20)
    expect(counted).toHaveLength(at)
    expect(jobs.list()[0]).toMatchObject({ status: 'paused', isPausing: false, etaSeconds: null, speed: null })
    jobs.resume(id)
    expect(await jobs.finished(id)).toMatchObject({ status: 'done', done: 10 })
    expect(counted).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('waits for its turn when it is resumed', async () => {
    await using jobs = new Jobs()
    const { id } = jobs.start(counting([], { pause }))
    await until(jobs, id, ({ done }) => done >= 2)
    jobs.pause(id)
    await until(jobs, id, ({ status }) => status === 'paused')
    const gate = Promise.withResolvers<void>()
    const other = jobs.start(request(async () => (await gate.promise, OUTCOME)))
    jobs.resume(id)
    await sleep(10)
    expect(statusOf(jobs, id)).toBe('waiting')
    gate.resolve()
    await jobs.finished(other.id)
    expect((await jobs.finished(id)).status).toBe('done')
  })

  it('is cancelled while it is paused', async () => {
    await using jobs = new Jobs()
    const { id } = jobs.start(counting([], { pause }))
    await until(jobs, id, ({ done }) => done >= 1)
    jobs.pause(id)
    await until(jobs, id, ({ status }) => status === 'paused')
    jobs.cancel(id)
    expect((await jobs.finished(id)).status).toBe('cancelled')
  })

  it('goes on where the pause was taken back before it took effect', async () => {
    await using jobs = new Jobs()
    const { id } = jobs.start(counting([], { pause }))
    await until(jobs, id, ({ done }) => done >= 1)
    jobs.pause(id)
    jobs.resume(id)
    expect((await jobs.finished(id)).status).toBe('done')
  })

  it('ends with the workbench while it is paused', async () => {
    const jobs = new Jobs()
    const { id } = jobs.start(counting([], { pause }))
    await until(jobs, id, ({ done }) => done >= 1)
    jobs.pause(id)
    await until(jobs, id, ({ status }) => status === 'paused')
    const finished = jobs.finished(id)
    await jobs[Symbol.asyncDispose]()
    expect((await finished).status).toBe('cancelled')
  })
})

describe('pausing', () => {
  it('is refused while a job runs that it would spoil, and taken while it waits', async () => {
    await using jobs = new Jobs()
    const counted: number[] = []
    const running = jobs.start(counting(counted, { pause: undefined }))
    const waiting = jobs.start(counting([], { pause: undefined }))
    expect(running.canPause).toBe(false)
    expect(() => jobs.pause(running.id)).toThrow(expect.objectContaining({ code: 'conflict' }))
    jobs.pause(waiting.id)
    await jobs.finished(running.id)
    await sleep(5)
    expect(statusOf(jobs, waiting.id)).toBe('paused')
    jobs.resume(waiting.id)
    expect((await jobs.finished(waiting.id)).status).toBe('done')
  })
})

describe('retrying', () => {
  it('starts what failed or was cancelled anew, under its old id and behind the others', async () => {
    await using jobs = new Jobs()
    let tries = 0
    const { id } = jobs.start(
      request(async () => {
        if (++tries === 1) throw new WorkbenchError('store.full', 'The disk is full.')
        return OUTCOME
      }),
    )
    expect(await jobs.finished(id)).toMatchObject({ status: 'failed', error: { code: 'store.full' } })
    const other = jobs.start(request(async () => OUTCOME))
    await jobs.finished(other.id)
    expect(jobs.retry(id)).toMatchObject({ id, error: null, result: null })
    expect(await jobs.finished(id)).toMatchObject({ status: 'done', error: null })
    expect(jobs.list().map((job) => job.id)).toEqual([other.id, id])
    expect(() => jobs.retry(id)).toThrow(expect.objectContaining({ code: 'conflict' }))
  })
})

describe('order', () => {
  it('of waiting and paused jobs changes, and they start in it', async () => {
    await using jobs = new Jobs()
    const gate = Promise.withResolvers<void>()
    const ran: string[] = []
    const first = jobs.start(request(async () => (await gate.promise, OUTCOME)))
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) =>
      jobs.start(request(async () => (ran.push(name), OUTCOME), { subject: { what: 'build', set: name } })),
    ) as [JobState, JobState, JobState, JobState]
    const order = (): string => jobs.list().map(({ title }) => title.slice(-2, -1)).join('')
    jobs.move(c.id, 'up')
    expect(order()).toBe('Tacbd')
    jobs.move(a.id, 'down')
    expect(order()).toBe('Tcabd')
    jobs.move(d.id, 'first')
    expect(order()).toBe('Tdcab')
    jobs.move(d.id, { before: b.id })
    expect(order()).toBe('Tcadb')
    jobs.move(c.id, 'last')
    expect(order()).toBe('Tadbc')
    jobs.move(a.id, 'up')
    jobs.move(c.id, 'down')
    expect(order()).toBe('Tadbc')
    jobs.pause(b.id)
    jobs.move(b.id, 'first')
    expect(order()).toBe('Tbadc')
    expect(() => jobs.move(first.id, 'down')).toThrow(expect.objectContaining({ code: 'conflict' }))
    expect(() => jobs.move(a.id, { before: first.id })).toThrow(expect.objectContaining({ code: 'conflict' }))
    gate.resolve()
    await jobs.finished(c.id)
    expect(ran).toEqual(['a', 'd', 'c'])
    expect(jobs.list().toSorted((x, y) => x.order - y.order).map(({ id }) => id)).toEqual(jobs.list().map(({ id }) => id))
  })

  it('is told to watchers', async () => {
    await using jobs = new Jobs()
    const gate = Promise.withResolvers<void>()
    jobs.start(request(async () => (await gate.promise, OUTCOME)))
    const [a, b] = [jobs.start(request(async () => OUTCOME)), jobs.start(request(async () => OUTCOME))]
    const stop = new AbortController()
    const watcher = jobs.watch(stop.signal)
    jobs.move(b.id, 'up')
    stop.abort()
    const seen: [string, number][] = []
    for await (const { id, order } of watcher) seen.push([id, order])
    expect(seen).toEqual([
      [b.id, a.order],
      [a.id, b.order],
    ])
    gate.resolve()
  })
})

describe('clearing', () => {
  it('forgets what has ended and nothing else', async () => {
    await using jobs = new Jobs()
    const done = jobs.start(request(async () => OUTCOME))
    await jobs.finished(done.id)
    const running = jobs.start(request(({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new WorkbenchError('cancelled', '')))))) 
    jobs.clear()
    expect(jobs.list().map(({ id }) => id)).toEqual([running.id])
  })
})
