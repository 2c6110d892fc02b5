/** What a report comes to: its headline, and its arms as points of quality against latency. */
import { TRADE_QUALITIES, type ArmTimes, type BenchHeadline, type BenchView, type Spread, type TradePoint, type TradeQuality } from '../../shared/bench'
import type { ArmReport, BenchReport } from '../../shared/bench-report'
import { parseStrategy } from '../../shared/strategy'
import { medianInterval } from './statistics'

/** Right answers that an arm may have fewer than full prefill and still keep them, of all. */
const KEEPS = 0.01

/** Null where the report has nothing that a sentence could say. */
export function headlineOf(report: BenchReport): BenchHeadline | null {
  const { kind, engine, novel, codec, store, arms } = report
  if (kind === 'engine' && engine) {
    const { prefill, decode } = engine
    return { kind: 'engine', prefill: spreadOf(prefill.ratio, prefill.ratioInterval), decode: spreadOf(decode.ratio, decode.ratioInterval) }
  }
  if (kind === 'store' && store) return { kind: 'store', caches: store.caches, startMs: store.startMs, openMs: store.openMs.p50 }
  if (kind === 'codec' && codec) return smallest(codec)
  const [steady] = novel?.arms ?? []
  if (novel && steady) {
    const lowest = Math.min(...steady.blocks.map(({ lowestHitRate }) => lowestHitRate))
    return { kind: 'steady', arm: steady.name, queries: novel.queries, hitRate: lowest, decay: steady.decay }
  }
  return fastest(arms)
}

/** The fastest strategy that keeps the answers; where none does, the one that keeps most. */
function fastest(arms: readonly ArmReport[]): BenchHeadline | null {
  const own = arms.filter((arm) => isStrategy(arm) && !isControl(arm.name))
  const full = arms.find(({ name }) => name === 'full')?.exactMatch
  const keeps = (arm: ArmReport): boolean => full === undefined || (arm.exactMatch ?? 0) >= full - KEEPS
  const kept = own.filter(keeps).toSorted((a, b) => b.ratioToFull - a.ratioToFull)
  const [best = own.toSorted((a, b) => (b.exactMatch ?? 0) - (a.exactMatch ?? 0))[0]] = kept
  if (!best) return null
  return {
    kind: 'faster',
    arm: best.name,
    ratio: spreadOf(best.ratioToFull, best.ratioInterval),
    answers:
      full === undefined || best.exactMatch === undefined ? null : { arm: best.exactMatch, full, keeps: keeps(best) },
  }
}

/** The smallest form of our own that keeps the answers over f16; without answers the smallest of all. */
function smallest(codec: NonNullable<BenchReport['codec']>): BenchHeadline | null {
  const f16 = codec.find(({ profile }) => profile === 'f16')?.exactMatch
  const own = codec.filter(({ peer, profile }) => !peer && profile !== 'f16')
  const kept = own.filter(({ exactMatch }) => f16 === undefined || (exactMatch ?? 0) >= f16 - KEEPS)
  const [best] = (kept.length > 0 ? kept : own).toSorted((a, b) => b.ratioToF16 - a.ratioToF16)
  if (!best) return null
  const answers = f16 === undefined || best.exactMatch === undefined ? null : { form: best.exactMatch, f16 }
  return { kind: 'smaller', form: best.profile, ratio: best.ratioToF16, answers }
}

/** Arms that answered questions, against full prefill; empty where none did. */
export function tradeOf({ arms }: BenchReport): TradePoint[] {
  const points = arms.flatMap((arm): Omit<TradePoint, 'frontier'>[] => {
    const { name, exactMatch, top1, klMean, ratioToFull, ratioInterval } = arm
    if (exactMatch === undefined || top1 === undefined || klMean === undefined) return []
    const parsed = parseStrategy(name)
    const bos = parsed.ok && 'bos' in parsed.spec && parsed.spec.bos
    const [low, high] = ratioInterval
    return [
      {
        arm: name,
        family: parsed.ok ? parsed.spec.name : name,
        isIsolated: bos,
        isControl: isControl(name),
        latency: { value: 1 / ratioToFull, low: 1 / high, high: 1 / low },
        exactMatch,
        top1,
        klMean,
      },
    ]
  })
  return points.map((point) => ({
    ...point,
    frontier: point.isControl ? [] : TRADE_QUALITIES.filter((quality) => !points.some((other) => beats(other, point, quality))),
  }))
}

type Point = Omit<TradePoint, 'frontier'>

function beats(other: Point, point: Point, quality: TradeQuality): boolean {
  if (other.isControl) return false
  const worth = (one: Point): number => (quality === 'klMean' ? -one.klMean : one[quality])
  const [sooner, better] = [point.latency.value - other.latency.value, worth(other) - worth(point)]
  return sooner >= 0 && better >= 0 && (sooner > 0 || better > 0)
}

export function timesOf({ arms }: BenchReport): ArmTimes[] {
  return arms.map(({ name, ttftMs, samplesMs }) => ({
    arm: name,
    ...ttftMs,
    ...(samplesMs &&
      samplesMs.length > 1 && { samples: samplesMs, median: spreadOf(ttftMs.p50, medianInterval(samplesMs)) }),
  }))
}

/** Everything that is looked at beside the tables. */
export function insightOf(report: BenchReport): Pick<BenchView, 'trade' | 'times'> {
  return { trade: tradeOf(report), times: timesOf(report) }
}

function isStrategy({ name }: ArmReport): boolean {
  return name !== 'full' && parseStrategy(name).ok
}

function isControl(name: string): boolean {
  return /^(oracle|random)\b/.test(name)
}

function spreadOf(value: number, [low, high]: readonly [number, number]): Spread {
  return { value, low, high }
}
