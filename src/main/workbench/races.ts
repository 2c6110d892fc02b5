/** Races: run one at a time with nothing beside them, kept as records. */
import { raceRequest, type AwaitedJob, type RaceEvent, type RaceInput, type RaceRecord } from '../../shared/race'
import { WorkbenchError } from '../../shared/errors'
import type { Workbench } from '../../shared/workbench'
import type { Sets } from '../documents/sets'
import type { Jobs } from '../jobs/jobs'
import type { AskServices } from '../session/ask'
import type { OpenModel } from '../session/models'
import { race } from '../session/race'
import { bestOf } from '../session/race/figures'
import { keepRace, keptRace, keptRaces, removeRace, restoreRace } from '../store/races'

export interface RaceParts {
  readonly services: AskServices
  readonly sets: Sets
  readonly jobs: Jobs
  readonly openModel: (id: string) => Promise<OpenModel>
  /** Aborted when the workbench closes. */
  readonly closing: AbortSignal
}

export function races(parts: RaceParts): Pick<Workbench, 'race' | 'races'> {
  const { sql } = parts.services.store
  /** The end of the last race that was started. */
  let last: Promise<void> = Promise.resolve()
  let running = 0

  async function* run(input: RaceInput, signal: AbortSignal): AsyncGenerator<RaceEvent, void> {
    const startedAt = performance.now()
    const parsed = raceRequest.safeParse(input)
    if (!parsed.success)
      throw new WorkbenchError('argument.invalid', `The race does not fit: ${parsed.error.issues[0]?.message ?? 'unknown'}.`, {
        cause: parsed.error,
      })
    const request = parsed.data
    const set = parts.sets.find(request.set)
    const model = await parts.openModel(set.model)
    const before = last
    const over = Promise.withResolvers<void>()
    last = before.then(() => over.promise)
    running += 1
    let isFirst = running === 1
    async function* untilIdle(): AsyncGenerator<AwaitedJob | null> {
      if (!isFirst) yield null
      isFirst = true
      await unlessAborted(before, signal)
      for (;;) {
        // From the look on, so that no change is missed.
        const changes = parts.jobs.watch(signal)
        try {
          const job = parts.jobs.list().find(({ status }) => status === 'running')
          if (!job) return
          yield { id: job.id, kind: job.kind, subject: job.subject, title: job.title }
          for await (const { id, status } of changes) if (id === job.id && status !== 'running') break
          signal.throwIfAborted()
        } finally {
          await changes.return()
        }
      }
    }
    try {
      const events: RaceEvent[] = []
      const going = race(parts.services, { request, set, model, signal, startedAt, untilIdle })
      try {
        for (;;) {
          const next = await going.next()
          if (!next.done) {
            events.push(next.value)
            yield next.value
            continue
          }
          const record: Omit<RaceRecord, 'id' | 'runAt'> = {
            set: set.id,
            setName: set.name,
            question: request.question,
            lanes: request.lanes,
            repetitions: request.repetitions,
            model: model.summary.id,
            best: bestOf(next.value),
            events,
          }
          const at = events.at(-1)?.at ?? 0
          yield { type: 'kept', id: keepRace(sql, record), at }
          return
        }
      } finally {
        await going.return(undefined as never)
      }
    } finally {
      running -= 1
      over.resolve()
    }
  }

  return {
    race: (input, { signal } = {}) => run(input, signal ? AbortSignal.any([signal, parts.closing]) : parts.closing),
    races: {
      list: () => keptRaces(sql),
      get: (id) => keptRace(sql, id),
      remove: (id) => removeRace(sql, id),
      restore: (id) => restoreRace(sql, id),
    },
  }
}

async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
