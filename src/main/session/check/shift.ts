/** Moving the whole context by some positions changes nothing but rounding: what reuse at other positions stands on. */
import { comparison, finding, probeTokens, type Checkup, type Finding } from './checkup'
import { noiseOf } from './noise'

const TOKENS = 128
const LEAST_TOKENS = 16
const OFFSETS = [1, 64, 1000]

export async function shift(checkup: Checkup): Promise<Finding> {
  const { engine, loaded, signal } = checkup
  const all = await probeTokens(checkup, TOKENS)
  const offsets = OFFSETS.filter((offset) => loaded.contextLength - offset >= LEAST_TOKENS)
  if (offsets.length === 0 || all.length < LEAST_TOKENS)
    return finding('skipped', { id: 'check.no-room', params: { context: loaded.contextLength } })
  const noise = noiseOf(loaded)
  const found = []
  for (const offset of offsets) {
    const tokens = all.slice(0, loaded.contextLength - offset)
    found.push({ offset, ...(await engine.call('shift', { model: loaded.model, tokens, offset, subBatch: 512 }, { signal })) })
  }
  // A figure that is no number is worse than any.
  const worst = found.find(({ klMean }) => Number.isNaN(klMean)) ?? found.reduce((a, b) => (b.klMean > a.klMean ? b : a))
  return finding(worst.klMean <= noise.most ? 'passed' : 'failed', {
    id: 'check.shift',
    params: { offsets, worst: worst.offset, own: comparison(worst), noise },
  })
}
