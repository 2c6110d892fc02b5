/** Lanes that have answered, held against full prefill along full prefill's own answer. */
import type { CompareParams, ComparedArm, LoadedModel } from '../../../shared/engine'
import type { StrategySpec } from '../../../shared/strategy'
import { setAsideDamaged } from '../../build/set-aside'
import { isObjectFault, type Lease, type Store } from '../../store/store'
import { continuationOf } from '../calibrate/compare'
import { planQuery, profileFor, recomputeOf, segmentsOf, type ComposeServices } from '../compose'
import { roomOf, type Query } from '../query'
import type { Rung } from '../rung'

/** What answered in a lane. */
export interface Contestant {
  readonly query: Query
  readonly rung: Rung
  /** Its own answer. */
  readonly answer: Pick<ComparedArm, 'text' | 'tokens' | 'pieces' | 'stop'>
}

export interface Comparison {
  /** Full prefill's own answer; `ends`: its end is judged as one token more. */
  readonly reference: Pick<ComparedArm, 'text' | 'tokens' | 'pieces'> & { readonly ends: boolean }
  readonly lanes: readonly { readonly compared: ComparedArm; readonly storedBytes: number }[]
}

type Arm = CompareParams['arms'][number]

const FULL: StrategySpec = { name: 'full' }
const SUB_BATCH = 512

export interface CompareOptions {
  readonly loaded: LoadedModel
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number) => void
}

/** A cache that turns out to be damaged is set aside, and what is left is planned anew. */
export async function compareLanes(
  services: ComposeServices,
  contestants: readonly Contestant[],
  options: CompareOptions,
): Promise<Comparison> {
  const { engine, store } = services
  const own = contestants.find(({ rung }) => rung.strategy.name === 'full')
  const first = contestants[0]
  if (!first) return { reference: { text: '', tokens: [], pieces: [], ends: false }, lanes: [] }
  const full: Pick<Contestant, 'query' | 'rung'> = own ?? { query: first.query, rung: { ...first.rung, strategy: FULL } }
  // The reference goes first; a lane that is full prefill itself need not be computed a second time for that.
  const others = contestants.filter((lane) => lane !== own)
  for (;;) {
    await using leases = new AsyncDisposableStack()
    const opened: Opened[] = []
    for (const lane of [full, ...others]) {
      const one = await open(services, lane)
      leases.use(one.lease)
      opened.push(one)
    }
    if (opened.some(({ isWhole }) => !isWhole)) continue
    try {
      const arms: Arm[] = []
      for (const { lane, planned, lease } of opened) {
        const segments = segmentsOf(planned, lease)
        arms.push({ segments, recompute: await recomputeOf(services, lane.query, { rung: lane.rung, planned, segments }) })
      }
      const { answer, compared } = await compare(services, arms, { full, own: own?.answer, ...options })
      const at = (lane: Contestant): number => (lane === own ? 0 : others.indexOf(lane) + 1)
      return {
        reference: { text: answer.text, tokens: answer.tokens, pieces: answer.pieces, ends: answer.stop === 'eos' },
        lanes: contestants.flatMap((lane) => {
          const [arm, one] = [compared[at(lane)], opened[at(lane)]]
          return arm && one ? [{ compared: arm, storedBytes: storedBytes(store, one.lease) }] : []
        }),
      }
    } catch (error) {
      if (!isObjectFault(error)) throw error
      let damaged = 0
      for (const { lease } of opened) damaged += await setAsideDamaged(engine, store, lease)
      if (damaged === 0) throw error
    }
  }
}

interface Opened {
  readonly lane: Pick<Contestant, 'query' | 'rung'>
  readonly planned: ReturnType<typeof planQuery>
  readonly lease: Lease
  readonly isWhole: boolean
}

async function open(services: ComposeServices, lane: Opened['lane']): Promise<Opened> {
  const planned = planQuery(services, lane.query, lane.rung.strategy)
  const keys = planned.chunks.flatMap(({ key }) => key ?? [])
  const lease = await services.store.open(keys, profileFor(lane.query, lane.rung.strategy))
  return { lane, planned, lease, isWhole: keys.every((key) => lease.files.has(key)) }
}

/** The reference's answer is written first where no lane has done so, so that the others need not write one again. */
async function compare(
  { engine }: ComposeServices,
  arms: readonly Arm[],
  {
    full,
    own,
    loaded,
    signal,
    onProgress,
  }: CompareOptions & { readonly full: Opened['lane']; readonly own: Contestant['answer'] | undefined },
): Promise<{ readonly answer: Contestant['answer']; readonly compared: readonly ComparedArm[] }> {
  const common = { model: loaded.model, stop: [], subBatch: SUB_BATCH }
  const maxTokens = Math.min(full.query.request.maxTokens, roomOf(full.query))
  let answer = own
  if (!answer) {
    const alone = { ...common, arms: arms.slice(0, 1), continuation: null, maxTokens }
    answer = (await engine.call('compare', alone, { signal })).arms[0]
  }
  const continuation = answer ? continuationOf(answer, loaded) : []
  const all = { ...common, arms: [...arms], continuation: continuation.length > 0 ? continuation : null, maxTokens: 1 }
  const onEvent = ({ done, total }: { readonly done: number; readonly total: number }): void => onProgress(done, total)
  const { arms: compared } = await engine.call('compare', all, { signal, onEvent })
  return { answer: answer ?? { text: '', tokens: [], pieces: [], stop: 'eos' }, compared }
}

function storedBytes(store: Store, { files }: Lease): number {
  return store
    .copies([...files.keys()])
    .filter(({ key, profile }) => files.get(key)?.profile === profile)
    .reduce((sum, { bytes }) => sum + bytes, 0)
}
