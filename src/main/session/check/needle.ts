/** A fact in a cached chunk is found as full prefill finds it. */
import type { CompareParams, Segment } from '../../../shared/engine'
import type { ModelIdentity } from '../../store/key'
import { finding, type Checkup, type Finding } from './checkup'
import { needles, type Needle } from './needle-text'
import { computed, TemporaryCaches } from './temporary-caches'

/** EPIC's usual number of tokens at each chunk's start. */
const LINK = 16
const ANSWER_TOKENS = 12
/** Nats by which full prefill must prefer the planted number, for a needle to say anything: less is a guess. */
const LEAST_GAIN = 2
/**
 * Of full prefill's gain. What sound models lose by isolation is a few percent (`docs/models.md`); positions that are off,
 * another chunk's K/V or a mask too many lose most of it.
 */
export const LEAST_KEPT = 0.8

/** So many in a row from the start, and the model does not read well enough: the others would only take time. */
const ENOUGH_MISSED = 2

/** Log-probability that a way of reading gives the planted number, minus what it gives where another one stands. */
interface Gains {
  readonly full: number
  readonly reuse: number
  readonly link: number
  readonly isolated: number
}

export async function needle(checkup: Checkup): Promise<Finding> {
  await using caches = new TemporaryCaches(checkup)
  const all = needles(checkup.model.identity.fingerprint)
  const found: Gains[] = []
  for (const [tried, one] of all.entries()) {
    if (tried === ENOUGH_MISSED && found.length === 0) break
    const gains = await gainsOf(checkup, caches, one)
    if (gains === 'too long') return finding('skipped', { id: 'check.needle-too-short', params: {} })
    if (gains) found.push(gains)
  }
  return judge(found, all.length)
}

/** Pure; `tried` needles of which full prefill found those whose gains are given. */
function judge(found: readonly Gains[], tried: number): Finding {
  if (found.length === 0) {
    return finding('skipped', { id: 'check.needle-unknown', params: {} })
  }
  const sum = (way: keyof Gains): number => found.reduce((total, gains) => total + gains[way], 0)
  const kept = { reuse: sum('reuse') / sum('full'), link: sum('link') / sum('full'), isolated: sum('isolated') / sum('full') }
  const passed = kept.reuse >= LEAST_KEPT && kept.link >= LEAST_KEPT
  return finding(passed ? 'passed' : 'failed', {
    id: 'check.needle',
    params: { found: found.length, tried, ...kept, tokens: LINK, least: LEAST_KEPT },
  })
}

/** Null: full prefill does not tell the planted number from another one. */
async function gainsOf(checkup: Checkup, caches: TemporaryCaches, needle: Needle): Promise<Gains | 'too long' | null> {
  const { model, loaded, signal } = checkup
  const { tail } = model.frame.render(needle.question)
  const question = await model.tailTokens(tail, signal)
  const contexts: Context[] = []
  for (const texts of [needle.planted, needle.other]) contexts.push({ chunks: await model.tokenizer.tokenize([...texts]), question })
  const longest = Math.max(...contexts.map(({ chunks }) => chunks.flat().length))
  if (model.identity.prefix.length + longest + question.length + ANSWER_TOKENS > loaded.contextLength) return 'too long'
  const inFull = contexts.map((context) => ({ segments: around(model.identity, context, context.chunks.map(computed)) }))
  const continuation = await answerTokens(checkup, inFull.slice(0, 1), needle.code)
  const [full = 0] = await gains(checkup, inFull, continuation)
  if (!(full >= LEAST_GAIN)) return null
  const cached: Arm[] = []
  for (const context of contexts) cached.push(...(await cachedArms(checkup, caches, context)))
  const [reuse = 0, link = 0, isolated = 0] = await gains(checkup, cached, continuation)
  return { full, reuse, link, isolated }
}

interface Context {
  readonly chunks: readonly (readonly number[])[]
  readonly question: readonly number[]
}

type Arm = CompareParams['arms'][number]

/** Full prefill's own answer where it says the number, else the number itself: it may still be what it thinks of. */
async function answerTokens({ engine, model, loaded, signal }: Checkup, arms: Arm[], code: string): Promise<number[]> {
  const params = { model: loaded.model, arms, continuation: null, maxTokens: ANSWER_TOKENS, stop: [] }
  const [own] = (await engine.call('compare', params, { signal })).arms
  if (own?.text.includes(code)) return [...own.tokens]
  const [tokens = []] = await model.tokenizer.tokenize([` ${code}`])
  return tokens
}

/** The first half of the arms has the planted number, the second another one in its place. */
async function gains({ engine, loaded, signal }: Checkup, arms: Arm[], continuation: number[]): Promise<number[]> {
  const params = { model: loaded.model, arms, continuation, maxTokens: 1, stop: [] }
  const compared = (await engine.call('compare', params, { signal })).arms
  const half = compared.length / 2
  return compared.slice(0, half).map((arm, at) => arm.logProbability - (compared[half + at]?.logProbability ?? Number.NaN))
}

/** The caches' three ways of reading, in the order of `Gains`. */
async function cachedArms({ model }: Checkup, caches: TemporaryCaches, context: Context): Promise<Arm[]> {
  const { bos, prefix } = model.identity
  const [inPlace, isolated]: [Segment[], Segment[]] = [[], []]
  const rows: number[] = []
  let at = prefix.length
  for (const [index, chunk] of context.chunks.entries()) {
    inPlace.push(await caches.encode(chunk, prefix))
    isolated.push(await caches.encode(chunk, bos))
    if (index > 0) rows.push(...Array.from({ length: Math.min(LINK, chunk.length) }, (_, row) => at + row))
    at += chunk.length
  }
  return [
    { segments: around(model.identity, context, inPlace) },
    { segments: around(model.identity, context, isolated), recompute: { kind: 'rows', rows } },
    { segments: around(model.identity, context, isolated) },
  ]
}

function around({ prefix }: ModelIdentity, { question }: Context, middle: readonly Segment[]): Segment[] {
  return [...(prefix.length > 0 ? [computed(prefix)] : []), ...middle, computed(question)]
}
