/** Long work: one job of a kind at a time, with progress, an estimate, and an end that everybody hears of. */
import { isCancelled, throwIfCancelled } from '../base/cancelled'
import { EventQueue } from '../base/event-queue'
import { log } from '../base/log'
import { toErrorData, WorkbenchError } from '../../shared/errors'
import type { JobOutcome, JobProgress, JobSubject } from '../../shared/jobs'
import type { JobKind, JobMove, JobState } from '../../shared/workbench'
import type { Unfinished, UnfinishedJobs } from '../store/unfinished-jobs'
import { Pace } from './pace'
import { jobSpec, type JobSpec } from './spec'
import { phaseOf, resultOf, titleOf } from './words'

export interface JobTask {
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
  /** A safe point, for work that holds its results in memory: returns at once, or when a pause is over. @throws cancelled */
  readonly checkpoint: () => Promise<void>
}

export interface JobRequest {
  readonly kind: JobKind
  readonly subject: JobSubject
  readonly unit: JobState['unit']
  readonly set: string | null
  /** A job that has to end first, whatever way. */
  readonly after?: string
  /**
   * How it is paused: `again` ends its run, and a new one goes on with what is missing; `hold` waits at its next
   * `checkpoint`. Default: not at all.
   */
  readonly pause?: 'again' | 'hold'
  /** What starts it anew after the workbench was closed; default: it ends with the workbench. */
  readonly spec?: JobSpec
  /** Does the work, from the start or with what is missing, and says what came of it. */
  readonly run: (task: JobTask) => Promise<JobOutcome>
}

interface Job {
  state: JobState
  readonly request: JobRequest
  /** Of the current run. */
  stop: AbortController
  ended: PromiseWithResolvers<JobState>
  wish: 'run' | 'pause' | 'cancel'
  /** While it waits at a checkpoint. */
  held: PromiseWithResolvers<void> | null
  pace: Pace
  /** Of what is kept of it for the next start. */
  row: number | null
  after: string | undefined
}

/** Ended jobs that are kept for lists. */
const KEPT = 100
/** Watchers hear of mere progress at most this often. */
const NOTICE_MS = 100
/** A job in the middle of which the workbench crashed so often is not started again by itself. */
export const MOST_CRASHES = 2

export class Jobs implements AsyncDisposable {
  readonly #jobs: Job[] = []
  readonly #watchers = new Set<EventQueue<JobState>>()
  readonly #lastNotice = new Map<string, number>()
  /** Where jobs are kept for the next start; null: nowhere. */
  #kept: UnfinishedJobs | null = null
  /** Nothing starts while jobs of another day are taken up. */
  #isWaiting = false
  #count = 0
  #closed = false

  /** Takes a job in; it starts when no other of its kind runs and the one it waits for has ended. */
  start(request: JobRequest): JobState {
    if (this.#closed) throw new WorkbenchError('conflict', 'The workbench is closed. Open it again.')
    const order = ++this.#count
    const state: JobState = {
      id: `j${order}`,
      kind: request.kind,
      title: titleOf(request.subject),
      subject: request.subject,
      status: 'waiting',
      ...stepped('waiting'),
      done: 0,
      total: 0,
      unit: request.unit,
      order,
      canPause: request.pause !== undefined,
      isPausing: false,
      crashes: 0,
      startedAt: null,
      etaSeconds: null,
      speed: null,
      error: null,
      result: null,
      outcome: null,
      set: request.set,
    }
    const job: Job = {
      state,
      request,
      stop: new AbortController(),
      ended: Promise.withResolvers(),
      wish: 'run',
      held: null,
      pace: new Pace(),
      row: null,
      after: request.after,
    }
    if (!this.#isWaiting) this.#keep(job)
    this.#jobs.push(job)
    this.#notify(job)
    this.#startNext()
    return job.state
  }

  /** In the order they start in. */
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
    job.wish = 'cancel'
    job.stop.abort()
    if (job.held) job.held.resolve()
    else if (!isRunning(job)) this.#end(job, { status: 'cancelled', ...stepped('cancelled') })
  }

  /** Frees the engine at the next safe point. @throws conflict for a running job that cannot be paused */
  pause(id: string): void {
    const job = this.#find(id)
    if (hasEnded(job.state) || job.state.status === 'paused') return
    if (!isRunning(job)) return this.#setPaused(job)
    if (job.request.pause === undefined) {
      throw new WorkbenchError(
        'conflict',
        { id: 'job.no-pause', params: { title: job.state.title } },
      )
    }
    if (job.wish !== 'run') return
    job.wish = 'pause'
    this.#change(job, { isPausing: true, ...stepped('pausing') })
    if (job.request.pause === 'again') job.stop.abort()
  }

  resume(id: string): void {
    const job = this.#find(id)
    if (hasEnded(job.state) || job.wish === 'cancel') return
    if (job.wish === 'pause') job.wish = 'run'
    if (job.state.status === 'paused') this.#change(job, { status: 'waiting', ...stepped('waiting'), crashes: 0 })
    else if (job.state.isPausing) this.#change(job, { isPausing: false })
    this.#keep(job)
    this.#startNext()
  }

  /** Starts one anew that failed or was cancelled. @throws conflict for any other */
  retry(id: string): JobState {
    const job = this.#find(id)
    if (this.#closed || (job.state.status !== 'failed' && job.state.status !== 'cancelled'))
      throw new WorkbenchError('conflict', `"${job.state.title}" is ${job.state.status}. Only what failed or was cancelled is tried again.`)
    this.#jobs.splice(this.#jobs.indexOf(job), 1)
    this.#jobs.push(job)
    job.wish = 'run'
    job.ended = Promise.withResolvers()
    job.stop = new AbortController()
    job.state = {
      ...job.state,
      status: 'waiting',
      ...stepped('waiting'),
      done: 0,
      total: 0,
      order: ++this.#count,
      startedAt: null,
      error: null,
      result: null,
      outcome: null,
    }
    this.#keep(job)
    this.#notify(job)
    this.#startNext()
    return job.state
  }

  /** Changes the order in which waiting and paused jobs start. @throws conflict for any other */
  move(id: string, to: JobMove): void {
    const queue = this.#jobs.filter(({ state }) => isQueued(state))
    const before = queue.map(({ state }) => state.order)
    const [job, other] = [this.#find(id), typeof to === 'string' ? null : this.#find(to.before)]
    for (const each of [job, other]) {
      if (each && !isQueued(each.state))
        throw new WorkbenchError('conflict', `"${each.state.title}" is ${each.state.status}. Only waiting and paused jobs have an order.`)
    }
    const at = queue.indexOf(job)
    queue.splice(at, 1)
    const places = { first: 0, up: Math.max(0, at - 1), down: at + 1, last: queue.length }
    queue.splice(other ? queue.indexOf(other) : typeof to === 'string' ? places[to] : at, 0, job)
    for (const [place, each] of queue.entries()) {
      if (each.state.order === before[place]) continue
      this.#change(each, { order: before[place] })
      this.#keep(each)
    }
    this.#jobs.sort((a, b) => a.state.order - b.state.order)
  }

  /** Forgets those that have ended. */
  clear(): void {
    for (const { state } of this.#jobs.filter(({ state }) => hasEnded(state))) this.#forget(state.id)
  }

  /** Keeps unended jobs for the next start, from now on, and starts those that are kept, in their order. */
  async takeUp(kept: UnfinishedJobs, begin: (spec: JobSpec) => Promise<JobState>): Promise<JobState[]> {
    this.#kept = kept
    this.#isWaiting = true
    const taken = new Map<number, Job>()
    try {
      for (const unfinished of kept.claim()) {
        const job = await this.#begun(unfinished, begin)
        if (!job) continue
        taken.set(unfinished.id, job)
        // What it waited for has ended since, or comes first here, too.
        job.after = unfinished.after === null ? undefined : taken.get(unfinished.after)?.state.id
      }
    } finally {
      this.#isWaiting = false
      for (const job of this.#jobs) if (!hasEnded(job.state)) this.#keep(job)
      this.#startNext()
    }
    return [...taken.values()].map(({ state }) => state)
  }

  /** Stops everything and waits until nothing runs. What is kept for the next start goes on there. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const job of this.#jobs) {
      if (hasEnded(job.state)) continue
      if (job.row !== null) this.#kept?.leave(job.row)
      this.cancel(job.state.id)
    }
    await Promise.all(this.#jobs.map(({ ended }) => ended.promise))
    for (const watcher of this.#watchers) watcher.end()
  }

  async #begun(unfinished: Unfinished, begin: (spec: JobSpec) => Promise<JobState>): Promise<Job | null> {
    try {
      const { id } = await begin(jobSpec.parse(unfinished.spec))
      const job = this.#find(id)
      job.row = unfinished.id
      const { starts } = unfinished
      this.#change(job, { crashes: starts })
      if (unfinished.isPaused || starts >= MOST_CRASHES) this.#setPaused(job)
      return job
    } catch (error) {
      // Its set or model was removed since: there is nothing left to do.
      log('jobs', `what was left unfinished cannot go on: ${toErrorData(error).message}`)
      this.#kept?.remove(unfinished.id)
      return null
    }
  }

  #startNext(): void {
    if (this.#isWaiting || this.#closed) return
    for (const job of this.#jobs) {
      if (job.state.status !== 'waiting') continue
      const mayStart = !this.#jobs.some(
        ({ state }) =>
          (state.kind === job.state.kind && state.status === 'running') || (state.id === job.after && !hasEnded(state)),
      )
      if (!mayStart) continue
      if (!job.held) void this.#run(job)
      else {
        this.#change(job, { status: 'running', ...stepped('starting') })
        job.held.resolve()
      }
    }
  }

  async #run(job: Job): Promise<void> {
    job.pace = new Pace()
    const startedAt = job.state.startedAt ?? new Date().toISOString()
    this.#change(job, { status: 'running', ...stepped('starting'), startedAt, crashes: 0 })
    const { signal } = job.stop
    try {
      if (job.row !== null) this.#kept?.started(job.row)
      const outcome = await job.request.run({
        signal,
        report: ({ step, done, total }) => {
          const phase = phaseOf(step)
          const isNews = phase !== job.state.phase
          const shown = job.state.isPausing ? {} : { phase, step }
          this.#change(job, { ...shown, done, total, ...job.pace.take(done, total, performance.now()) }, isNews)
        },
        checkpoint: () => this.#checkpoint(job),
      })
      this.#end(job, { status: 'done', ...stepped('done'), done: job.state.total, result: resultOf(outcome), outcome })
    } catch (error) {
      if (isCancelled(error) && signal.aborted) this.#stopped(job)
      else {
        const data = toErrorData(error)
        log('jobs', `${job.state.id} (${job.state.kind}) failed: ${data.code}`)
        this.#end(job, { status: 'failed', ...stepped('failed'), error: data })
      }
    }
  }

  async #checkpoint(job: Job): Promise<void> {
    if (job.wish === 'pause') {
      job.held = Promise.withResolvers()
      this.#setPaused(job)
      this.#startNext()
      await job.held.promise
      job.held = null
      // Nothing was done meanwhile, which says nothing of the pace.
      job.pace = new Pace()
    }
    throwIfCancelled(job.stop.signal)
  }

  /** Its run has ended early, for one of three reasons. */
  #stopped(job: Job): void {
    if (this.#closed || job.wish === 'cancel') return this.#end(job, { status: 'cancelled', ...stepped('cancelled') })
    job.stop = new AbortController()
    if (job.wish === 'pause') this.#setPaused(job)
    // Somebody thought better of the pause.
    else this.#change(job, { status: 'waiting', ...stepped('waiting'), isPausing: false })
    this.#startNext()
  }

  #setPaused(job: Job): void {
    job.wish = 'run'
    this.#change(job, { status: 'paused', ...stepped('paused'), isPausing: false, etaSeconds: null, speed: null })
    this.#keep(job)
  }

  #end(job: Job, change: Partial<JobState>): void {
    if (hasEnded(job.state)) return
    this.#change(job, { ...change, isPausing: false, etaSeconds: null })
    this.#lastNotice.delete(job.state.id)
    if (job.row !== null && !this.#closed) {
      this.#kept?.remove(job.row)
      job.row = null
    }
    job.ended.resolve(job.state)
    const ended = this.#jobs.filter(({ state }) => hasEnded(state))
    for (const { state } of ended.slice(0, Math.max(0, ended.length - KEPT))) this.#forget(state.id)
    this.#startNext()
  }

  #forget(id: string): void {
    this.#jobs.splice(
      this.#jobs.findIndex(({ state }) => state.id === id),
      1,
    )
  }

  /** Writes down how a job stands, for the next start. */
  #keep(job: Job): void {
    const { spec, subject } = job.request
    if (!this.#kept || !spec || this.#closed) return
    const after = this.#jobs.find(({ state }) => state.id === job.after && !hasEnded(state))?.row ?? null
    const { order, status, crashes } = job.state
    job.row = this.#kept.put(job.row, { spec, subject, after, order, isPaused: status === 'paused', starts: crashes })
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
      throw new WorkbenchError('not-found', { id: 'job.unknown', params: { id } })
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

function stepped(code: 'waiting' | 'starting' | 'pausing' | 'paused' | 'done' | 'failed' | 'cancelled'): Pick<JobState, 'phase' | 'step'> {
  return { phase: phaseOf({ code }), step: { code } }
}

function isRunning({ state, held }: Job): boolean {
  return state.status === 'running' && !held
}

function isQueued({ status }: JobState): boolean {
  return status === 'waiting' || status === 'paused'
}

function hasEnded({ status }: JobState): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled'
}
