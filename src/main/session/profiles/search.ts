/**
 * Searches a model's coded profiles: how fine each layer's K and V have to be, by what an error there does to the model's
 * answers, then how coarse all of them may be for a number of bits.
 *
 * Where the rate falls by a bit per halving of the steps and an error's cost grows with its square, cost is least for a
 * given rate where every plane's share of the cost is the same: steps in proportion to 1 / sqrt(cost of an error there). Where
 * most components are nothing already, coarser steps save less than that; so steps follow it part of the way.
 */
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CodebookFile, Learnt, Segment } from '../../../shared/engine'
import type { JobProgress, JobStepCode } from '../../../shared/jobs'
import {
  CODED_PROFILES,
  type CodedPoint,
  type CodedProfile,
  type ProfileCalibration,
  type ProfileFacts,
} from '../../../shared/profile'
import type { Engine } from '../../engine/engine'
import { learnCodebooks, writtenAnew, type CodedFiles, type CodeTrial, type F16Cache } from './coded-files'

/** A question over f16 caches, put together. */
export interface ProfileProbe {
  readonly segments: readonly Segment[]
}

export interface SearchInput {
  readonly engine: Pick<Engine, 'call'>
  /** Handle of the loaded model. */
  readonly model: string
  readonly fingerprint: string
  readonly layers: number
  readonly threads: number
  /** For files that are tried; what is chosen lies here afterwards. */
  readonly folder: string
  /** What codebooks are learnt from: caches of other documents than the probes'. */
  readonly learning: readonly F16Cache[]
  readonly probes: readonly ProfileProbe[]
  /** Bits per element, headers left out. */
  readonly targets: Readonly<Record<Exclude<CodedProfile, 'q8'>, number>>
  /** Where a profile costs more than this at its bits, it takes more bits; absent: whatever it costs. */
  readonly mostKl: Readonly<Partial<Record<CodedProfile, number>>>
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: JobProgress) => void
  /** A pause between two measurements, where one is wanted. */
  readonly checkpoint?: () => Promise<void>
}

export interface FoundProfiles {
  readonly calibration: ProfileCalibration
  /** Files of the codebooks chosen, by digest. */
  readonly staged: ReadonlyMap<string, string>
}

/** K decides whom a token attends to: before anything is measured, an error in it is held to cost more than one in V. */
const USUAL = { k: 0.5, v: 1 }
/** Steps that are coarse enough to tell, with all others this fine. */
const COARSE = 1.5
const FINE = 0.06
/** Questions that each plane is tried with. */
const SENSITIVITY_PROBES = 16
/** 0: the usual steps; 1: steps in proportion to 1 / sqrt(cost). What served best on the demo model from 12x to 26x. */
const PART_OF_THE_WAY = 0.7
/** A deeper model's layers are tried in so many groups. */
const MOST_GROUPS = 30
/** No plane's steps are further from the usual ones than this. */
const MOST_APART = 8
const SCALES = [0.3, 0.5, 0.8, 1.2, 1.8, 2.6]
/** Eight bits from -4 to 4 deviations. */
const Q8_STEP = 8 / 256
const ANSWER_TOKENS = 32
/** Codebooks whose coded files are there together. */
const AT_ONCE = 8
const SUB_BATCH = 512
/** Without a transform a cache decodes several times as fast: it wins where it costs hardly more. */
const AS_GOOD = 1.25

export async function searchProfiles(input: SearchInput): Promise<FoundProfiles> {
  const judge = new Judge(input)
  const weights = await weigh(judge, input)
  const scaled = (basis: boolean, scale: number): CodeTrial => ({ basis, steps: weights.map((weight) => weight * scale) })
  const grid = [true, false].flatMap((basis) => SCALES.map((scale) => ({ basis, scale, trial: scaled(basis, scale) })))
  const learnt = await judge.learn('grid', grid.map(({ trial }) => trial))
  const bits = grid.map(({ basis, scale }, at) => ({ basis, scale, bits: learnt[at]?.bitsPerElement ?? 0 }))
  const aimed = Object.entries(input.targets).flatMap(([profile, target]) =>
    [true, false].map((basis) => ({
      profile: profile as CodedProfile,
      basis,
      scale: scaleFor(bits.filter((point) => point.basis === basis), target),
    })),
  )
  const wanted = [
    ...grid.map(({ basis, scale }) => ({ profile: null, basis, scale })),
    ...aimed,
    { profile: 'q8' as const, basis: false, scale: 1 },
  ]
  const usualQ8 = { basis: false, steps: weights.map(() => Q8_STEP) }
  const codebooks = await judge.learn('profiles', wanted.map(({ profile, basis, scale }) => (profile === 'q8' ? usualQ8 : scaled(basis, scale))))
  const measured = await judge.measure('trying', codebooks, input.probes)
  const points = wanted.flatMap(({ profile, basis, scale }, at) => {
    const [codebook, figures] = [codebooks[at], measured[at]]
    return codebook && figures ? [{ profile, codebook, point: { basis, scale, bitsPerElement: codebook.bitsPerElement, ...figures } }] : []
  })
  const madeAt = new Date().toISOString()
  const chosen: (Tried & { readonly profile: CodedProfile })[] = []
  for (const profile of CODED_PROFILES) {
    const free = points.filter(({ codebook }) => !chosen.some((other) => other.codebook.digest === codebook.digest))
    const found = choose(free, profile, input.mostKl[profile] ?? Infinity)
    if (found) chosen.push({ ...found, profile })
  }
  const profiles = chosen.map(({ profile, codebook, point }): ProfileFacts => ({
    profile,
    ...point,
    codebook: codebook.digest,
    codebookBytes: codebook.bytes,
    questions: input.probes.length,
    madeAt,
  }))
  const curve = points.map(({ point }) => point).toSorted((a, b) => a.bitsPerElement - b.bitsPerElement)
  return {
    calibration: { profiles, curve, weights },
    staged: new Map(chosen.map(({ codebook }) => [codebook.digest, codebook.path])),
  }
}

interface Tried {
  /** The one that it was made for; null: for the curve. */
  readonly profile: CodedProfile | null
  readonly codebook: CodebookFile & Learnt
  readonly point: CodedPoint
}

/**
 * What was made for the profile, by channels where that costs hardly more. Where it costs more than the most, the smallest of
 * all that were tried that does not; where nothing does not, what costs least.
 */
export function choose<T extends Pick<Tried, 'profile' | 'point'>>(
  tried: readonly T[],
  profile: CodedProfile,
  mostKl: number,
): T | undefined {
  const own = tried.filter((each) => each.profile === profile).toSorted((a, b) => a.point.klMean - b.point.klMean)
  const [best] = own
  if (!best) return undefined
  if (best.point.klMean <= mostKl)
    return own.find(({ point }) => !point.basis && point.klMean <= best.point.klMean * AS_GOOD) ?? best
  const within = tried.filter(({ point }) => point.klMean <= mostKl).toSorted((a, b) => b.point.ratio - a.point.ratio)
  return within[0] ?? tried.toSorted((a, b) => a.point.klMean - b.point.klMean)[0]
}

/** Answers that a search compares, as its progress counts them. */
export function answersOf({
  layers,
  probes,
  targets,
}: Pick<SearchInput, 'layers' | 'targets'> & { readonly probes: readonly unknown[] }): number {
  const weighed = (groupsOf(layers).length + 1) * Math.min(SENSITIVITY_PROBES, probes.length)
  return weighed + (2 * SCALES.length + 2 * Object.keys(targets).length + 1) * probes.length
}

/** Steps in proportion to each other, of layer 1 K, layer 1 V, layer 2 K, ... */
async function weigh(judge: Judge, { layers, probes }: SearchInput): Promise<number[]> {
  const planes = 2 * (layers - 1)
  const usual = Array.from({ length: planes }, (_, plane) => (plane % 2 === 0 ? USUAL.k : USUAL.v))
  const groups = groupsOf(layers)
  const trials = [null, ...groups].map((group): CodeTrial => ({
    basis: true,
    steps: usual.map((step, plane) => step * (group?.includes(plane) ? COARSE : FINE)),
  }))
  const codebooks = await judge.learn('weights', trials)
  const [base, ...measured] = await judge.measure('weighing', codebooks, probes.slice(0, SENSITIVITY_PROBES))
  return weightsOf(usual, groups, measured.map(({ klMean }) => Math.max(0, klMean - (base?.klMean ?? 0))))
}

/** K and V apart, neighbouring layers together where there are many. Lists of planes. */
export function groupsOf(layers: number): number[][] {
  const count = Math.min(layers - 1, Math.floor(MOST_GROUPS / 2))
  return Array.from({ length: count }, (_, at) => {
    const from = Math.round((at * (layers - 1)) / count)
    const to = Math.round(((at + 1) * (layers - 1)) / count)
    const own = Array.from({ length: to - from }, (_, each) => from + each)
    return [own.map((layer) => 2 * layer), own.map((layer) => 2 * layer + 1)]
  }).flat()
}

/**
 * From what each group's coarseness cost alone. A group of several layers shares its cost among them; one that costs
 * nothing measurable is held to cost a little.
 */
export function weightsOf(usual: readonly number[], groups: readonly (readonly number[])[], costs: readonly number[]): number[] {
  const most = Math.max(...costs)
  if (!(most > 0)) return [...usual]
  const each = groups.map((group, at) => Math.max(costs[at] ?? 0, most / 1000) / group.length)
  const factors = each.map((cost) => 1 / Math.sqrt(cost))
  const middle = Math.exp(factors.reduce((sum, factor) => sum + Math.log(factor), 0) / factors.length)
  const weights = [...usual]
  for (const [at, group] of groups.entries()) {
    const apart = ((factors[at] ?? middle) / middle) ** PART_OF_THE_WAY
    const factor = Math.min(MOST_APART, Math.max(1 / MOST_APART, apart))
    for (const plane of group) weights[plane] = (usual[plane] ?? 1) * factor
  }
  return weights
}

/** Where the line through what was learnt has so many bits: on a logarithmic scale, ends drawn out. */
export function scaleFor(points: readonly { readonly scale: number; readonly bits: number }[], target: number): number {
  const sorted = points.toSorted((a, b) => a.scale - b.scale)
  const after = sorted.findIndex(({ bits }) => bits <= target)
  const at = Math.max(1, after < 0 ? sorted.length - 1 : after)
  const [fine, coarse] = [sorted[at - 1], sorted[at]]
  if (!fine || !coarse || fine.bits <= coarse.bits) return fine?.scale ?? 1
  const share = (fine.bits - target) / (fine.bits - coarse.bits)
  return fine.scale * (coarse.scale / fine.scale) ** Math.min(2, Math.max(-2, share))
}

/** Learns codebooks and asks the probes over caches coded by them. */
class Judge {
  readonly #input: SearchInput
  readonly #total: number
  #answered = 0

  constructor(input: SearchInput) {
    this.#input = input
    this.#total = answersOf(input)
  }

  async learn(name: string, trials: readonly CodeTrial[]): Promise<(CodebookFile & Learnt)[]> {
    const { folder, onProgress } = this.#input
    return await learnCodebooks(
      {
        ...this.#input,
        folder: join(folder, name),
        onProgress: (done, of) =>
          onProgress?.({ step: { code: 'learning', number: done, of }, done: this.#answered, total: this.#total }),
      },
      trials,
    )
  }

  /** A few at a time, so that only their files are there. */
  async measure(code: JobStepCode, codebooks: readonly CodebookFile[], probes: readonly ProfileProbe[]): Promise<Figures[]> {
    const { onProgress } = this.#input
    const caches = cachesOf(probes)
    const sizes = await Promise.all(caches.map(async ({ path }) => (await stat(path)).size))
    const f16Bytes = sizes.reduce((sum, size) => sum + size, 0)
    const figures: Figures[] = []
    for (let at = 0; at < codebooks.length; at += AT_ONCE) {
      const part = codebooks.slice(at, at + AT_ONCE)
      const before = this.#answered
      const tell = (asked: number): void => {
        this.#answered = before + asked * part.length
        onProgress?.({ step: { code }, done: this.#answered, total: this.#total })
      }
      figures.push(...(await this.#measured(part, probes, { caches, f16Bytes, tell })))
      tell(probes.length)
    }
    return figures
  }

  async #measured(
    codebooks: readonly CodebookFile[],
    probes: readonly ProfileProbe[],
    {
      caches,
      f16Bytes,
      tell,
    }: { readonly caches: readonly F16Cache[]; readonly f16Bytes: number; readonly tell: (asked: number) => void },
  ): Promise<Figures[]> {
    const { engine, folder, signal, model, checkpoint } = this.#input
    const tried = join(folder, 'tried')
    try {
      const coded: CodedFiles[] = []
      for (const [at, { path, digest }] of codebooks.entries()) {
        const codebook = { path, digest }
        const files = await writtenAnew({ folder: join(tried, `${at}`), caches, codebook }, (objects, take) =>
          engine.call('recode', { codebook, objects }, { signal, onEvent: take }),
        )
        coded.push(files)
      }
      const figures = coded.map(({ bytes }) => ({ ratio: f16Bytes / bytes, klMean: 0, top1: 0 }))
      for (const [asked, { segments }] of probes.entries()) {
        await checkpoint?.()
        tell(asked)
        const arms = [
          { segments: [...segments] },
          ...coded.map(({ segment }) => ({
            segments: segments.map((each) => (each.kind === 'cached' ? segment(each) : each)),
          })),
        ]
        const params = { model, arms, continuation: null, maxTokens: ANSWER_TOKENS, stop: [], subBatch: SUB_BATCH }
        const [, ...found] = (await engine.call('compare', params, { signal })).arms
        for (const [at, each] of figures.entries()) {
          each.klMean += (found[at]?.klMean ?? 0) / probes.length
          each.top1 += (found[at]?.top1 ?? 0) / probes.length
        }
      }
      return figures
    } finally {
      await rm(tried, { recursive: true, force: true })
    }
  }
}

type Figures = Pick<CodedPoint, 'ratio' | 'klMean' | 'top1'>

/** Every cache that the probes read, once. */
function cachesOf(probes: readonly ProfileProbe[]): F16Cache[] {
  const caches = new Map<string, F16Cache>()
  for (const segment of probes.flatMap(({ segments }) => segments))
    if (segment.kind === 'cached')
      caches.set(segment.key, { key: segment.key, path: segment.path, tokens: segment.tokens.length })
  return [...caches.values()]
}
