/**
 * Tiny models with random weights, each made once per test run (all workers share a folder, which the run's end removes).
 * They have real shapes and a real tokenizer; what they say means nothing.
 */
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { RandomModelParams } from '../../src/shared/engine'
import { testEngine } from './engine'

export type TinyModel = Partial<Omit<RandomModelParams, 'path'>>

/** A model that every test can afford; tests vary single fields of it. */
export const TINY: Omit<RandomModelParams, 'path'> = {
  architecture: 'llama',
  type: 'f32',
  layers: 2,
  embedding: 64,
  feedForward: 128,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  vocabulary: 1024,
  contextLength: 4096,
  tied: false,
  ropeBase: 10_000,
  ropeScaling: 'none',
  seed: 1,
}

/** Made and removed by `test/global-setup.ts`. */
function modelFolder(): string {
  const folder = process.env['KVASIR_TEST_MODELS']
  if (!folder) throw new Error('Expected KVASIR_TEST_MODELS, which test/global-setup.ts sets.')
  return folder
}

/** Path of a model of these proportions; a handful of KB to a few MB. */
export async function tinyModel(wanted: TinyModel = {}): Promise<string> {
  const params = { ...TINY, ...wanted }
  const name = Object.entries(params)
    .map(([key, value]) => `${key.slice(0, 3)}${String(value)}`)
    .join('-')
  const path = join(modelFolder(), `${name}.gguf`)
  if (existsSync(path)) return path
  // Two workers may want the same one: each makes its own, the last rename wins, and both files are the same.
  const staged = join(modelFolder(), `${randomUUID()}.part`)
  await using engine = testEngine()
  await engine.call('randomModel', { ...params, path: staged })
  await rename(staged, path)
  return path
}
