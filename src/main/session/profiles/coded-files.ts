/** Codebooks learnt from f16 caches, and those caches coded by them, in a folder of their own: for trying, not for keeping. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CodebookFile, Learnt, RecodedObject, Segment } from '../../../shared/engine'
import type { Engine } from '../../engine/engine'

/** A cache's f16 file. */
export interface F16Cache {
  readonly key: string
  readonly path: string
  readonly tokens: number
}

/** Of layer 1 K, layer 1 V, layer 2 K, ...: steps in parts of the deviation of that layer's K or V. */
export interface CodeTrial {
  /** By principal components of each layer's K and V; else by channel. */
  readonly basis: boolean
  readonly steps: readonly number[]
}

export interface LearnOptions {
  readonly engine: Pick<Engine, 'call'>
  readonly folder: string
  readonly fingerprint: string
  readonly threads: number
  readonly learning: readonly F16Cache[]
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/** What the engine takes at once. */
const MOST_TRIALS = 64

/** A codebook per trial, in the same order. */
export async function learnCodebooks(
  { engine, folder, fingerprint, threads, learning, signal, onProgress }: LearnOptions,
  trials: readonly CodeTrial[],
): Promise<(CodebookFile & Learnt)[]> {
  await mkdir(folder, { recursive: true })
  const objects = learning.map(({ path, key }) => ({ path, key }))
  const learnt: (CodebookFile & Learnt)[] = []
  for (let at = 0; at < trials.length; at += MOST_TRIALS) {
    const part = trials
      .slice(at, at + MOST_TRIALS)
      .map(({ basis, steps }, index) => ({ basis, steps: [...steps], path: join(folder, `${at + index}.kvc`) }))
    const found = await engine.call(
      'learn',
      { fingerprint, objects, trials: part, threads },
      { signal, onEvent: ({ done, total }) => onProgress?.(done, total) },
    )
    learnt.push(...found.map((each, index) => ({ ...each, path: part[index]?.path ?? '' })))
  }
  return learnt
}

/** Caches in another form. */
export interface CodedFiles {
  /** Of all files with everything in them but what is shared. */
  readonly bytes: number
  readonly encodeMs: number
  readonly paths: readonly string[]
  /** What stands for a cached segment. */
  readonly segment: (segment: Extract<Segment, { kind: 'cached' }>) => Segment
}

/** Has the engine write every cache anew into a folder. `call` names the files and tells of each. */
export async function writtenAnew(
  { folder, caches, codebook }: { readonly folder: string; readonly caches: readonly F16Cache[]; readonly codebook?: CodebookFile },
  call: (
    objects: { key: string; path: string; to: string }[],
    take: (written: RecodedObject) => void,
  ) => Promise<unknown>,
): Promise<CodedFiles> {
  await mkdir(folder, { recursive: true })
  const objects = caches.map(({ key, path }, index) => ({ key, path, to: join(folder, `${index}.kvo`) }))
  const written = { bytes: 0, encodeMs: 0 }
  await call(objects, ({ bytes, ms }) => {
    written.bytes += bytes
    written.encodeMs += ms
  })
  const paths = new Map(objects.map(({ key, to }) => [key, to]))
  return {
    ...written,
    paths: objects.map(({ to }) => to),
    segment: (segment) => ({ ...segment, path: paths.get(segment.key) ?? segment.path, ...(codebook && { codebook }) }),
  }
}
