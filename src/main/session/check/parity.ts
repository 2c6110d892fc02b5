/** This engine's logits against libllama's, on the model's own file. */
import { describeComparison, probeTokens, short, type Checkup, type Finding } from './checkup'
import { noiseOf } from './noise'

/** In whole blocks of rows, where both engines take the same kernels. */
const BLOCK = 64
const TOKENS = 3 * BLOCK
/** Smaller than the text, so that a border is passed. */
const SUB_BATCH = 2 * BLOCK
/**
 * On the CPU both call the same kernels on the same shapes, and every model measured was bit-equal; a base of RoPE that is
 * 1 % off costs twice this on the demo model, and hundreds of times as much on random weights.
 */
export const MOST_CPU_KL = 1e-5

/** @throws what the engine throws; `engine.memory` when libllama finds no room for the weights once more */
export async function parity(checkup: Checkup): Promise<Finding> {
  const { engine, loaded, signal } = checkup
  const room = Math.floor(loaded.contextLength / BLOCK) * BLOCK
  const tokens = await probeTokens(checkup, Math.min(TOKENS, room))
  if (tokens.length === 0) {
    return { result: 'skipped', detail: `Its context of ${loaded.contextLength} tokens is too short for a text.` }
  }
  const found = await engine.call('parity', { model: loaded.model, tokens, subBatch: SUB_BATCH }, { signal })
  const { most, why } = loaded.device === 'cpu' ? { most: MOST_CPU_KL, why: 'on the CPU' } : noiseOf(loaded)
  return {
    // Written so that a figure that is no number fails.
    result: found.klMean <= most ? 'passed' : 'failed',
    detail:
      `Against libllama over ${tokens.length} tokens: ${describeComparison(found)}; ` +
      `expected at most ${short(most)} on average ${why}.`,
  }
}
