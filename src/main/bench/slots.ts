/** Measurements one after the other: what is done already is passed over, each new one is kept at once. */
import type { Measured } from '../../shared/bench'
import type { Detail } from '../../shared/details'
import { WorkbenchError } from '../../shared/errors'
import type { JobStep } from '../../shared/jobs'
import { isCancelled, throwIfCancelled } from '../base/cancelled'
import type { Journal } from './journal'

export interface BenchProgress {
  readonly step: JobStep
  readonly done: number
  readonly total: number
  readonly unit: string
  readonly etaSeconds?: number | null
}

export interface BenchRun {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: BenchProgress) => void
  /** Gets a sentence that is no part of the report. */
  readonly onRemark?: (remark: Detail) => void
  /** Gets what one measurement has shown; `isNew`: made now, not by an interrupted run. */
  readonly onMeasured?: (figures: readonly Measured[], isNew: boolean) => void
}

/** One measurement. */
export interface Slot {
  /** Its name in the journal. */
  readonly id: string
  /** Slots of one label take about the same time. */
  readonly label: string
  /** For people. */
  readonly step: JobStep
}

export interface SlotWork<S extends Slot, Entry> {
  readonly journal: Journal<Entry>
  readonly measure: (slot: S) => Promise<Entry>
  /** What a measurement shows, for whoever watches. */
  readonly shows?: (slot: S, entry: Entry) => readonly Measured[]
  readonly run: BenchRun
}

/** Measures what is missing, in order. @throws `cancelled`; what `measure` throws */
export async function measureSlots<S extends Slot, Entry>(
  slots: readonly S[],
  { journal, measure, shows = () => [], run: { signal, onProgress, onRemark, onMeasured } }: SlotWork<S, Entry>,
): Promise<void> {
  const left = slots.filter(({ id }) => !journal.has(id))
  const kept = slots.length - left.length
  if (kept > 0)
    onRemark?.({ id: 'bench.goes-on', params: { kept, of: slots.length } })
  const eta = new Eta()
  for (const { id, label } of slots) eta.took(label, journal.msOf(id))
  for (const slot of slots) if (journal.has(slot.id)) onMeasured?.(shows(slot, journal.get(slot.id)), false)
  for (const [index, slot] of left.entries()) {
    throwIfCancelled(signal)
    onProgress?.({
      step: slot.step,
      done: kept + index,
      total: slots.length,
      unit: 'measurements',
      etaSeconds: eta.seconds(left.slice(index)),
    })
    const startedAt = performance.now()
    const entry = await measure(slot)
    const ms = performance.now() - startedAt
    await journal.add(slot.id, ms, entry)
    onMeasured?.(shows(slot, entry), true)
    eta.took(slot.label, ms)
  }
}

/** Runs the work of a bench; an interruption says what is kept and how to go on. */
export async function keeping<T>(journal: Journal<unknown>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isCancelled(error)) throw error
    const kept = `${journal.size} ${journal.size === 1 ? 'measurement is' : 'measurements are'} kept`
    throw new WorkbenchError(
      'cancelled',
      `Cancelled; ${kept}. The same command goes on from here; with --fresh it begins anew.`,
      { cause: error },
    )
  }
}

/** The time left, from how long measurements of the same label took; null until each label has been seen. */
class Eta {
  readonly #taken = new Map<string, { count: number; ms: number }>()

  took(label: string, ms: number | null): void {
    if (ms === null) return
    const before = this.#taken.get(label) ?? { count: 0, ms: 0 }
    this.#taken.set(label, { count: before.count + 1, ms: before.ms + ms })
  }

  seconds(left: readonly Slot[]): number | null {
    let ms = 0
    for (const { label } of left) {
      const taken = this.#taken.get(label)
      if (!taken) return null
      ms += taken.ms / taken.count
    }
    return ms / 1000
  }
}
