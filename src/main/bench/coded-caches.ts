/** Caches of a bench in other forms than f16, in a folder of their own. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { CodebookFile, Segment } from '../../shared/engine'
import type { ProfileFacts } from '../../shared/profile'
import type { Engine } from '../engine/engine'
import { learnCodebooks, writtenAnew, type F16Cache } from '../session/profiles/coded-files'
import { CODED_FORMS, PEER_FORMS, stepsOf, type PeerForm } from './codec-forms'
import type { BenchRun } from './slots'

/** All caches in one form. */
export interface CachesInForm {
  readonly name: string
  readonly isPeer: boolean
  /** Of all files with everything in them but what is shared. */
  readonly bytes: number
  /** Of what all of them share. */
  readonly sharedBytes: number
  /** At making them, and at reading, checking and decoding them. */
  readonly encodeMs: number
  readonly decodeMs?: number
  /** What stands for a cached segment; absent where its numbers are the f16 ones. */
  readonly segment?: (segment: Extract<Segment, { kind: 'cached' }>) => Segment
}

export interface FormsOptions {
  readonly engine: Engine
  readonly folder: string
  readonly fingerprint: string
  readonly layers: number
  readonly threads: number
  /** What codebooks are learnt from. */
  readonly learning: readonly F16Cache[]
  /** What is brought into every form. */
  readonly caches: readonly F16Cache[]
  /** Calibrated ones, with the files of their codebooks. */
  readonly profiles: readonly (ProfileFacts & { readonly path: string })[]
  readonly run: BenchRun
}

/** Learns the codebooks and makes every cache in every form. */
export async function cachesInForms(options: FormsOptions): Promise<CachesInForm[]> {
  const { run, profiles, layers } = options
  const total = CODED_FORMS.length + PEER_FORMS.length + profiles.length
  const forms: CachesInForm[] = []
  const tell = (): void => run.onProgress?.({ step: { code: 'coding-forms' }, done: forms.length, total, unit: 'forms' })
  const codebooks = await learnCodebooks(
    {
      ...options,
      signal: run.signal,
      onProgress: (done, of) => run.onProgress?.({ step: { code: 'learning-codebooks' }, done, total: of, unit: 'steps' }),
    },
    CODED_FORMS.map((form) => ({ basis: form.basis, steps: stepsOf(form, layers) })),
  )
  for (const [index, { name }] of CODED_FORMS.entries()) {
    tell()
    const codebook = codebooks[index]
    if (codebook) forms.push(await coded(options, name, codebook))
  }
  for (const { profile, codebook, path, codebookBytes } of profiles) {
    tell()
    forms.push(await coded(options, `profile ${profile}`, { path, digest: codebook, bytes: codebookBytes }))
  }
  for (const form of PEER_FORMS) {
    tell()
    forms.push(form.kind === 'ggml' ? await quantised(options, form) : await compressed(options, form))
  }
  return forms
}

async function coded(
  options: FormsOptions,
  name: string,
  { path, digest, bytes: sharedBytes }: CodebookFile & { readonly bytes: number },
): Promise<CachesInForm> {
  const { engine, run, caches } = options
  const codebook = { path, digest }
  const written = await writtenAnew({ folder: folderOf(options, name), caches, codebook }, (objects, onEvent) =>
    engine.call('recode', { codebook, objects }, { signal: run.signal, onEvent }),
  )
  let decodeMs = 0
  for (const [index, { key }] of caches.entries())
    decodeMs += (await engine.call('verify', { path: written.paths[index] ?? '', key, codebook }, { signal: run.signal })).ms
  return { name, isPeer: false, ...written, sharedBytes, decodeMs }
}

async function quantised(
  options: FormsOptions,
  { name, type }: Extract<PeerForm, { kind: 'ggml' }>,
): Promise<CachesInForm> {
  const { engine, run, caches } = options
  const written = await writtenAnew({ folder: folderOf(options, name), caches }, (objects, onEvent) =>
    engine.call('quantise', { type, objects }, { signal: run.signal, onEvent }),
  )
  return { name, isPeer: true, ...written, sharedBytes: 0 }
}

/** Each file's low bytes, then its high ones: numbers of like size have like high bytes. */
async function compressed({ caches }: FormsOptions, { name }: PeerForm): Promise<CachesInForm> {
  let [bytes, encodeMs, decodeMs] = [0, 0, 0]
  for (const { path } of caches) {
    const file = await readFile(path)
    const shuffled = Buffer.allocUnsafe(file.length)
    const half = file.length >> 1
    for (let at = 0; at < half; at++) {
      shuffled[at] = file[2 * at] ?? 0
      shuffled[half + at] = file[2 * at + 1] ?? 0
    }
    const begin = performance.now()
    const packed = zstdCompressSync(shuffled, { params: { [constants.ZSTD_c_compressionLevel]: 19 } })
    const between = performance.now()
    zstdDecompressSync(packed)
    bytes += packed.length
    encodeMs += between - begin
    decodeMs += performance.now() - between
  }
  return { name, isPeer: true, bytes, sharedBytes: 0, encodeMs, decodeMs }
}

function folderOf({ folder }: FormsOptions, name: string): string {
  return join(folder, name.replaceAll(' ', '-'))
}

/** Bytes of the caches' f16 files. */
export async function f16Bytes(caches: readonly F16Cache[]): Promise<number> {
  const sizes = await Promise.all(caches.map(async ({ path }) => (await stat(path)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
