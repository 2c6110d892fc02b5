/** Long work: one job of a kind at a time, with progress, an estimate, and an end that everybody hears of. */
import { isCancelled } from '../base/cancelled'
import { EventQueue } from '../base/event-queue'
import { log } from '../base/log'
import { toErrorData, WorkbenchError } from '../../shared/errors'
import type { JobKind, JobState } from '../../shared/workbench'
import { Pace } from './pace'

export interface JobTask {
  readonly signal: AbortSignal
  /** Tells how far it is; `phase` in plain words. */
  readonly report: (progress: { readonly phase: string; readonly done: number; readonly total: number }) => void
}

export interface JobRequest {
  readonly kind: JobKind
  readonly title: string
  readonly unit: JobState['unit']
  readonly set: string | null
  /** A job that has to end first, whatever way. */
  readonly after?: string
  /** Does the work and says in a sentence what came of it. */
  readonly run: (task: JobTask) => Promise<string>
}

interface Job {
  state: JobState
  readonly request: JobRequest
  readonly stop: AbortController
  readonly ended: PromiseWithResolvers<JobState>
}

/** Ended jobs that are kept for lists. */
const KEPT = 100
/** Watchers hear of mere progress at most this often. */
const NOTICE_MS = 100

export class Jobs implements AsyncDisposable {
  readonly #jobs: Job[] = []
  readonly #watchers = new Set<EventQueue<JobState>>()
  readonly #lastNotice = new Map<string, number>()
  #count = 0
  #closed = false

  /** Takes a job in; it starts when no other of its kind runs and the one it waits for has ended. */
  start(request: JobRequest): JobState {
    if (this.#closed) throw new WorkbenchError('conflict', 'The workbench is closed. Open it again.')
    const state: JobState = {
      id: `j${++this.#count}`,
      kind: request.kind,
      title: request.title,
      status: 'waiting',
      phase: 'Waiting',
      done: 0,
      total: 0,
      unit: request.unit,
      startedAt: null,
      etaSeconds: null,
      speed: null,
      error: null,
      result: null,
      set: request.set,
    }
    const job: Job = { state, request, stop: new AbortController(), ended: Promise.withResolvers() }
    this.#jobs.push(job)
    this.#notify(job)
    this.#startNext()
    return job.state
  }

  /** Oldest first. */
  list(): JobState[] {
    return this.#jobs.map(({ state }) => state)
  }

  /** Every change from the call on, not only from the first read on. */
  watch(signal?: AbortSignal): AsyncGenerator<JobState, void> {
    const queue = new EventQueue<JobState>()
    this.#watchers.add(queue)
    const end = (): void => {
      this.#watchers.delete(queue)
      queue.end()
    }
    if (signal?.aborted || this.#closed) end()
    else signal?.addEventListener('abort', end, { once: true })
    return read(queue, () => {
      signal?.removeEventListener('abort', end)
      end()
    })
  }

  async finished(id: string): Promise<JobState> {
    return await this.#find(id).ended.promise
  }

  /** A job that has ended stays as it is. */
  cancel(id: string): void {
    const job = this.#find(id)
    job.stop.abort()
    if (job.state.status === 'waiting') this.#end(job, { status: 'cancelled', phase: 'Cancelled' })
  }

  /** Cancels everything and waits until nothing runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const { state } of this.#jobs) if (!hasEnded(state)) this.cancel(state.id)
    await Promise.all(this.#jobs.map(({ ended }) => ended.promise))
    for (const watcher of this.#watchers) watcher.end()
  }

  #startNext(): void {
    for (const job of this.#jobs) {
      if (job.state.status !== 'waiting') continue
      const mayStart = !this.#jobs.some(
        ({ state }) =>
          (state.kind === job.state.kind && state.status === 'running') ||
          (state.id === job.request.after && !hasEnded(state)),
      )
      if (mayStart) void this.#run(job)
    }
  }

  async #run(job: Job): Promise<void> {
    const pace = new Pace()
    this.#change(job, { status: 'running', phase: 'Starting', startedAt: new Date().toISOString() })
    try {
      const result = await job.request.run({
        signal: job.stop.signal,
        report: ({ phase, done, total }) => {
          const isNews = phase !== job.state.phase
          this.#change(job, { phase, done, total, ...pace.take(done, total, performance.now()) }, isNews)
        },
      })
      this.#end(job, { status: 'done', phase: 'Done', done: job.state.total, result })
    } catch (error) {
      if (isCancelled(error) && job.stop.signal.aborted) this.#end(job, { status: 'cancelled', phase: 'Cancelled' })
      else {
        const data = toErrorData(error)
        log('jobs', `${job.state.id} (${job.state.kind}) failed: ${data.code}`)
        this.#end(job, { status: 'failed', phase: 'Failed', error: data })
      }
    }
  }

  #end(job: Job, change: Partial<JobState>): void {
    if (hasEnded(job.state)) return
    this.#change(job, { ...change, etaSeconds: null })
    this.#lastNotice.delete(job.state.id)
    job.ended.resolve(job.state)
    const ended = this.#jobs.filter(({ state }) => hasEnded(state))
    for (const old of ended.slice(0, Math.max(0, ended.length - KEPT))) this.#jobs.splice(this.#jobs.indexOf(old), 1)
    if (!this.#closed) this.#startNext()
  }

  /** `isNews`: watchers hear of it at once. */
  #change(job: Job, change: Partial<JobState>, isNews = true): void {
    if (hasEnded(job.state)) return
    job.state = { ...job.state, ...change }
    if (isNews || performance.now() - (this.#lastNotice.get(job.state.id) ?? 0) >= NOTICE_MS) this.#notify(job)
  }

  #notify({ state }: Job): void {
    this.#lastNotice.set(state.id, performance.now())
    for (const watcher of this.#watchers) watcher.push(state)
  }

  #find(id: string): Job {
    const job = this.#jobs.find(({ state }) => state.id === id)
    if (!job)
      throw new WorkbenchError('not-found', `There is no job "${id}". Jobs are forgotten when the workbench closes.`)
    return job
  }
}

async function* read(queue: EventQueue<JobState>, leave: () => void): AsyncGenerator<JobState, void> {
  try {
    yield* queue
  } finally {
    leave()
  }
}

function hasEnded({ status }: JobState): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled'
}
