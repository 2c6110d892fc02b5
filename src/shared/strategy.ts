/**
 * Strategies: how the documents reach the model. Written as `NAME[:NUMBER][:OPTION…]`, e.g. `reuse`, `reuse:bos`,
 * `link:16`, `blend:0.15:layer=3:by=k`. Methods: `docs/strategies.md`.
 */
import { z } from 'zod'
import { sentence, type Detail } from './details'

/** What a check layer compares: keys, values, or both. */
export const DEVIATIONS = ['v', 'k', 'kv'] as const
export type DeviationOf = (typeof DEVIATIONS)[number]

/** Share of the knowledge tokens that is computed again. */
type Ratio = number

interface Based {
  /** Isolated variants only, as in the papers; else every chunk's best variant. */
  readonly bos: boolean
}

export type StrategySpec =
  /** In-context learning: everything is computed. */
  | { readonly name: 'full' }
  /** The longest exact cached prefix, the rest computed. */
  | { readonly name: 'prefix' }
  /** Every chunk as cached; chunks without a cache are computed in place. */
  | ({ readonly name: 'reuse' } & Based)
  /** The first `tokens` of every chunk but the first are computed again (EPIC LegoLink, arXiv 2410.15332). */
  | ({ readonly name: 'link'; readonly tokens: number } & Based)
  /** The tokens with the highest stored score are computed again. */
  | ({ readonly name: 'score'; readonly ratio: Ratio; readonly by: DeviationOf } & Based)
  /** Link tokens, then the highest scores up to the ratio. */
  | ({ readonly name: 'mix'; readonly tokens: number; readonly ratio: Ratio; readonly by: DeviationOf } & Based)
  /** Tokens chosen at a check layer by their deviation from the cached K/V (CacheBlend, arXiv 2405.16444). */
  | ({
      readonly name: 'blend'
      readonly ratio: Ratio
      /** Null: the model's calibrated one, else 1. */
      readonly layer: number | null
      readonly by: DeviationOf
      /** Deviation times the attention that the question pays at the check layer. */
      readonly attention: boolean
      /** Starts with more tokens and keeps fewer at every layer, the same work in all. */
      readonly gradual: boolean
    } & Based)
  /** Control: the tokens that deviate most over all layers, known from a full prefill. Costs more than `full`. */
  | ({ readonly name: 'oracle'; readonly ratio: Ratio; readonly by: DeviationOf } & Based)
  /** Control: tokens drawn by lot, the same for the same selection. */
  | ({ readonly name: 'random'; readonly ratio: Ratio } & Based)
  /** The cheapest that the model's calibration allows; more where the first token is uncertain. */
  | { readonly name: 'auto' }

export type StrategyName = StrategySpec['name']

const MAX_LINK = 64
const FORMS: Readonly<Record<StrategyName, string>> = {
  full: 'full',
  prefix: 'prefix',
  reuse: 'reuse[:bos]',
  link: `link:K (tokens of each chunk, 1 to ${MAX_LINK})`,
  score: 'score:R[:by=v|k|kv]',
  mix: 'mix:K+R[:by=v|k|kv]',
  blend: 'blend:R[:layer=N][:by=v|k|kv][:attention][:gradual]',
  oracle: 'oracle:R[:by=v|k|kv]',
  random: 'random:R',
  auto: 'auto',
}

/** All forms, for help and errors; R is a ratio from 0 to 1, and `:bos` may follow wherever chunks are reused. */
export const STRATEGY_FORMS = Object.values(FORMS)

export type ParsedStrategy =
  | { readonly ok: true; readonly spec: StrategySpec }
  | { readonly ok: false; readonly problem: string; readonly said: Detail }

/** Reads a strategy; the problem names what was expected and what came. */
export function parseStrategy(text: string): ParsedStrategy {
  const [name = '', ...rest] = text.split(':')
  const refuse = (forms: readonly string[], ratio: boolean): ParsedStrategy => {
    const said: Detail = { id: 'strategy.unknown', params: { text, forms, ratio } }
    return { ok: false, problem: sentence(said), said }
  }
  if (!isName(name)) return refuse(STRATEGY_FORMS, false)
  const number = takesNumber(name) ? rest.shift() : undefined
  const options = new Options(rest)
  const spec = build(name, number, options)
  if (!spec || options.left) return refuse([FORMS[name]], !['full', 'prefix', 'auto'].includes(name))
  return { ok: true, spec }
}

/** Of a text that has been checked. */
export function strategySpec(text: Strategy): StrategySpec {
  const parsed = parseStrategy(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.spec
}

/** Whether it takes every chunk as if it stood alone. */
export function isIsolated(spec: StrategySpec): boolean {
  return 'bos' in spec && spec.bos
}

/** The one way to write a strategy: defaults are left out. */
export function strategyText(spec: StrategySpec): string {
  const parts: string[] = [spec.name]
  if (spec.name === 'mix') parts.push(`${spec.tokens}+${spec.ratio}`)
  else if ('tokens' in spec) parts.push(String(spec.tokens))
  else if ('ratio' in spec) parts.push(String(spec.ratio))
  if (spec.name === 'blend') {
    if (spec.layer !== null) parts.push(`layer=${spec.layer}`)
    if (spec.attention) parts.push('attention')
    if (spec.gradual) parts.push('gradual')
  }
  if ('by' in spec && spec.by !== 'v') parts.push(`by=${spec.by}`)
  if ('bos' in spec && spec.bos) parts.push('bos')
  return parts.join(':')
}

/** A strategy as people write it; the text itself is kept. */
export const strategy = z.string().max(100).check((context) => {
  const parsed = parseStrategy(context.value)
  if (!parsed.ok) context.issues.push({ code: 'custom', message: parsed.problem, input: context.value })
})
export type Strategy = z.infer<typeof strategy>

class Options {
  readonly #left: Set<string>

  constructor(options: readonly string[]) {
    this.#left = new Set(options)
    // Said twice is a mistake, too.
    if (this.#left.size < options.length) this.#left.add('')
  }

  get left(): boolean {
    return this.#left.size > 0
  }

  flag(name: string): boolean {
    return this.#left.delete(name)
  }

  by(): DeviationOf {
    return DEVIATIONS.find((by) => this.#left.delete(`by=${by}`)) ?? 'v'
  }

  layer(): number | null {
    const option = [...this.#left].find((each) => /^layer=[1-9]\d{0,3}$/.test(each))
    if (option === undefined) return null
    this.#left.delete(option)
    return Number(option.slice('layer='.length))
  }
}

function build(name: StrategyName, number: string | undefined, options: Options): StrategySpec | null {
  if (name === 'full' || name === 'prefix' || name === 'auto') return { name }
  const bos = options.flag('bos')
  if (name === 'reuse') return { name, bos }
  if (name === 'link') {
    const tokens = linkTokens(number)
    return tokens === null ? null : { name, tokens, bos }
  }
  if (name === 'mix') {
    const [link, share, more] = number?.split('+') ?? []
    const [tokens, ratio] = [linkTokens(link), ratioOf(share)]
    return tokens === null || ratio === null || more !== undefined ? null : { name, tokens, ratio, by: options.by(), bos }
  }
  const ratio = ratioOf(number)
  if (ratio === null) return null
  if (name === 'random') return { name, ratio, bos }
  const by = options.by()
  if (name !== 'blend') return { name, ratio, by, bos }
  const [attention, gradual] = [options.flag('attention'), options.flag('gradual')]
  return { name, ratio, layer: options.layer(), by, attention, gradual, bos }
}

function isName(name: string): name is StrategyName {
  return Object.hasOwn(FORMS, name)
}

function takesNumber(name: StrategyName): boolean {
  return !['full', 'prefix', 'reuse', 'auto'].includes(name)
}

function linkTokens(text: string | undefined): number | null {
  const tokens = /^\d{1,2}$/.test(text ?? '') ? Number(text) : 0
  return tokens >= 1 && tokens <= MAX_LINK ? tokens : null
}

function ratioOf(text: string | undefined): number | null {
  const ratio = /^(\d|\d?\.\d{1,6}|1\.0{1,6})$/.test(text ?? '') ? Number(text) : -1
  return ratio >= 0 && ratio <= 1 ? ratio : null
}
