/** What every kind of bench is given, and what it gives back. */
import type { LoadedModel } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import { makeDataDir } from '../base/data-dir'
import type { Engine } from '../engine/engine'
import type { StorePlace } from './model-file'
import { randomModelFile } from './random-model'
import type { BenchReport } from '../../shared/bench-report'
import { madeModel } from './shapes'
import type { BenchRun } from './slots'

export interface BenchDeps extends StorePlace {
  readonly engine: Engine
  /** Of Kvasir. */
  readonly version: string
}

/** What all kinds take. */
export interface CommonOptions {
  /** For the report. */
  readonly command: string
  /** CPU threads; default 0, as many as the engine thinks best. */
  readonly threads?: number
  readonly device?: string
  /** Of weights, tokens and draws; default 1. */
  readonly seed?: number
  /** Begins anew instead of going on from an interrupted run; default false. */
  readonly fresh?: boolean
}

/** What kinds on random weights take. */
export interface RandomModelOptions extends CommonOptions {
  /** e.g. `1b:q4_0` */
  readonly make: string
  /** The first ones only; default all. */
  readonly layers?: number
}

export interface FinishedBench {
  readonly report: BenchReport
  /** To be called once the report is safe: forgets what an interrupted run would have gone on from. */
  readonly forget: () => Promise<void>
}

export interface UsedModel {
  readonly name: string
  readonly fingerprint: string
  readonly model: LoadedModel
}

/** Makes the random model where it is not there, and loads it for the work. @throws `argument.invalid` */
export async function withRandomModel<T>(
  { engine, dataDir }: BenchDeps,
  options: RandomModelOptions & { readonly run: BenchRun },
  work: (used: UsedModel) => Promise<T>,
): Promise<T> {
  const { make, layers, seed = 1, run } = options
  const made = madeModel(make, seed, layers)
  run.onProgress?.({ step: { code: 'making-model', name: made.name }, done: 0, total: 1, unit: 'models' })
  await makeDataDir(dataDir)
  const path = await randomModelFile(engine, dataDir, made, run.signal)
  return await withModel(engine, { ...options, path, name: made.name }, work)
}

export interface ModelFile {
  readonly path: string
  readonly name: string
  readonly threads?: number
  readonly device?: string
  readonly run: BenchRun
}

/** Loads a model file for the work, and lets go of it whatever happens. */
export async function withModel<T>(
  engine: Engine,
  { path, name, threads = 0, device = 'auto', run: { signal, onProgress } }: ModelFile,
  work: (used: UsedModel) => Promise<T>,
): Promise<T> {
  onProgress?.({ step: { code: 'loading-model' }, done: 0, total: 1, unit: 'models' })
  const { digest: fingerprint } = await engine.call('fingerprint', { path }, { signal })
  const model = await engine.call('load', { path, options: { device, gpuLayers: 'auto', threads } }, { signal })
  try {
    return await work({ name, fingerprint, model })
  } finally {
    await engine.call('unload', { model: model.model })
  }
}

/** A whole number from `least` on. @throws `argument.invalid` */
export function assertCount(name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return
  throw new WorkbenchError('argument.invalid', `Expected ${name} of at least ${least}, got ${value}.`)
}
