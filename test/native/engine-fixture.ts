/** The addon in this process, models with random weights and objects in a folder that goes with the test file. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createHash } from 'node:crypto'
import { afterAll } from 'vitest'
import { loadAddon, type Addon } from '../../src/engine-host/addon'
import type { AnswerParams, LoadedModel, RandomModelParams, Sampling, Segment } from '../../src/shared/engine'
import { TINY } from '../helpers/tiny-model'

const root = resolve(import.meta.dirname, '../..')
export const ADDON = join(root, 'native/build/Release/kvasir.node')
const platform = `${process.platform}-${process.arch}`
/** The libraries for the CPU alone: what every machine has. */
export const LIBRARIES = join(root, 'node_modules/@node-llama-cpp', platform, 'bins', platform)

/** Two cores are shared by all tests; the results do not depend on it. */
export const THREADS = 1

export const GREEDY: Sampling = { temperature: 0, topK: 40, topP: 0.95, minP: 0.05, seed: 0 }

export interface EngineFixture {
  readonly addon: Addon
  readonly folder: string
  /** Path of a model of these proportions, made once. */
  model(wanted?: Partial<RandomModelParams>): Promise<string>
  /** Loaded on the CPU, once per path; unloaded with the fixture. */
  load(path: string): Promise<LoadedModel>
}

/** To be called once at the top of a test file. */
export function engineFixture(): EngineFixture {
  const addon = loadAddon(ADDON)
  addon.open(LIBRARIES)
  const folder = mkdtempSync(join(tmpdir(), 'kvasir-engine-'))
  const loaded = new Map<string, LoadedModel>()
  afterAll(() => {
    for (const { model } of loaded.values()) addon.unload(model)
    rmSync(folder, { recursive: true })
  })
  return {
    addon,
    folder,
    async model(wanted = {}) {
      const params = { ...TINY, ...wanted }
      const path = join(folder, `${digestOf(JSON.stringify(params)).slice(0, 16)}.gguf`)
      if (!existsSync(path)) await addon.randomModel({ ...params, path })
      return path
    },
    async load(path) {
      const known = loaded.get(path)
      if (known) return known
      const model = await addon.load(path, { device: 'cpu', gpuLayers: 'auto', threads: THREADS })
      loaded.set(path, model)
      return model
    },
  }
}

/** Token ids that look random but are always the same; control tokens are left out. */
export function someTokens(count: number, seed = 0): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + seed * 104_729 + 13) % 1021)
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export const compute = (tokens: number[]): Segment => ({ kind: 'compute', tokens })

export interface Cached {
  readonly tokens: number[]
  readonly key: string
  readonly path: string
}

export const cached = (chunk: Cached): Extract<Segment, { kind: 'cached' }> => ({ kind: 'cached', ...chunk })

/** Parameters of a greedy answer. */
export function ask(model: string, segments: Segment[], changes: Partial<AnswerParams> = {}): AnswerParams {
  return { model, segments, sampling: GREEDY, maxTokens: 12, stop: [], subBatch: 64, ...changes }
}

export interface Comparison {
  readonly maxDifference: number
  /** Largest Kullback-Leibler divergence of one token's distribution from the reference's, in nats. */
  readonly maxDivergence: number
}

/** Compares logits [tokens][vocabulary] row by row. */
export function compare(reference: Float32Array, actual: Float32Array, vocabulary: number): Comparison {
  if (reference.length !== actual.length) {
    throw new Error(`${String(reference.length)} and ${String(actual.length)} logits.`)
  }
  let maxDifference = 0
  let maxDivergence = 0
  for (let at = 0; at < reference.length; at += vocabulary) {
    const p = logSoftmax(reference.subarray(at, at + vocabulary))
    const q = logSoftmax(actual.subarray(at, at + vocabulary))
    let divergence = 0
    for (let i = 0; i < vocabulary; i++) {
      maxDifference = Math.max(maxDifference, Math.abs((reference[at + i] ?? NaN) - (actual[at + i] ?? NaN)))
      divergence += Math.exp(p[i] ?? NaN) * ((p[i] ?? NaN) - (q[i] ?? NaN))
    }
    maxDivergence = Math.max(maxDivergence, divergence)
  }
  return { maxDifference, maxDivergence }
}

function logSoftmax(logits: Float32Array): Float64Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0)
  return Float64Array.from(logits, (logit) => logit - highest - Math.log(sum))
}

/** The code with which a promise rejects, or undefined. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  return undefined
}
