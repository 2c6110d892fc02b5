/** This engine's logits against libllama's, on the model's own file. */
import { comparison, finding, probeTokens, type Checkup, type Finding } from './checkup'
import { noiseOf } from './noise'

const BLOCK = 64
const TOKENS = 3 * BLOCK
/** Smaller than the text, so that a border is passed. */
const SUB_BATCH = 2 * BLOCK
/**
 * On the CPU both can call the same kernels on the same shapes, and every model measured was bit-equal then; a base of RoPE
 * that is 1 % off costs twice this on the demo model, and hundreds of times as much on random weights. Our own attention
 * is held against libllama apart, within what rounding may cost.
 */
export const MOST_CPU_KL = 1e-5

/** @throws what the engine throws; `engine.memory` when libllama finds no room for the weights once more */
export async function parity(checkup: Checkup): Promise<Finding> {
  const { engine, loaded, signal } = checkup
  const room = Math.floor(loaded.contextLength / BLOCK) * BLOCK
  const tokens = await probeTokens(checkup, Math.min(TOKENS, room))
  if (tokens.length === 0) {
    return finding('skipped', { id: 'check.too-short', params: { context: loaded.contextLength, chunks: null } })
  }
  const params = { model: loaded.model, tokens, subBatch: SUB_BATCH }
  const own = await engine.call('parity', params, { signal })
  const noise = noiseOf(loaded)
  const measured = { tokens: tokens.length, own: comparison(own), noise }
  // Written so that a figure that is no number fails.
  if (loaded.device !== 'cpu' || !(own.klMean <= noise.most))
    return finding(own.klMean <= noise.most ? 'passed' : 'failed', { id: 'check.parity', params: measured })
  const same = await engine.call('parity', { ...params, asLibllama: true }, { signal })
  return finding(same.klMean <= MOST_CPU_KL ? 'passed' : 'failed', {
    id: 'check.parity-kernels',
    params: { ...measured, same: comparison(same), most: MOST_CPU_KL },
  })
}
