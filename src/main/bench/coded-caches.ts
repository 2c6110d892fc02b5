/** Caches of a bench in other forms than f16, in a folder of their own. */
import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { CodebookFile, Learnt, RecodedObject, Segment } from '../../shared/engine'
import type { Engine } from '../engine/engine'
import { CODED_FORMS, PEER_FORMS, stepsOf, type CodedForm, type PeerForm } from './codec-forms'
import type { BenchRun } from './slots'

/** A cache's f16 file. */
export interface F16Cache {
  readonly key: string
  readonly path: string
  readonly tokens: number
}

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
  readonly run: BenchRun
}

/** Learns the codebooks and makes every cache in every form. */
export async function cachesInForms(options: FormsOptions): Promise<CachesInForm[]> {
  const { run } = options
  const total = CODED_FORMS.length + PEER_FORMS.length
  const forms: CachesInForm[] = []
  const tell = (): void => run.onProgress?.({ phase: 'coding the caches', done: forms.length, total, unit: 'forms' })
  const codebooks = await learnt(options)
  for (const [index, form] of CODED_FORMS.entries()) {
    tell()
    const codebook = codebooks[index]
    if (codebook) forms.push(await coded(options, form, codebook))
  }
  for (const form of PEER_FORMS) {
    tell()
    forms.push(form.kind === 'ggml' ? await quantised(options, form) : await compressed(options, form))
  }
  return forms
}

async function learnt(options: FormsOptions): Promise<(CodebookFile & Learnt)[]> {
  const { engine, folder, fingerprint, layers, threads, learning, run } = options
  await mkdir(folder, { recursive: true })
  const trials = CODED_FORMS.map((form, index) => ({
    path: join(folder, `${index}.kvc`),
    basis: form.basis,
    steps: stepsOf(form, layers),
  }))
  const objects = learning.map(({ path, key }) => ({ path, key }))
  const found = await engine.call(
    'learn',
    { fingerprint, objects, trials, threads },
    {
      signal: run.signal,
      onEvent: ({ done, total }) => run.onProgress?.({ phase: 'learning codebooks', done, total, unit: 'steps' }),
    },
  )
  return found.map((each, index) => ({ ...each, path: trials[index]?.path ?? '' }))
}

async function coded(
  options: FormsOptions,
  { name }: CodedForm,
  { path, digest, bytes: sharedBytes }: CodebookFile & Learnt,
): Promise<CachesInForm> {
  const { engine, run } = options
  const codebook = { path, digest }
  const { to, objects, written, take } = await target(options, name)
  await engine.call('recode', { codebook, objects }, { signal: run.signal, onEvent: take })
  let decodeMs = 0
  for (const [index, { key }] of options.caches.entries())
    decodeMs += (await engine.call('verify', { path: to[index] ?? '', key, codebook }, { signal: run.signal })).ms
  return {
    name,
    isPeer: false,
    ...written,
    sharedBytes,
    decodeMs,
    segment: elsewhere(options, to, codebook),
  }
}

async function quantised(
  options: FormsOptions,
  { name, type }: Extract<PeerForm, { kind: 'ggml' }>,
): Promise<CachesInForm> {
  const { to, objects, written, take } = await target(options, name)
  await options.engine.call('quantise', { type, objects }, { signal: options.run.signal, onEvent: take })
  return { name, isPeer: true, ...written, sharedBytes: 0, segment: elsewhere(options, to) }
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

/** Where a form's files go, and what becomes of them. */
async function target({ folder, caches }: FormsOptions, name: string) {
  const into = join(folder, name.replaceAll(' ', '-'))
  await mkdir(into, { recursive: true })
  const to = caches.map((_, index) => join(into, `${index}.kvo`))
  const written = { bytes: 0, encodeMs: 0 }
  const take = ({ bytes, ms }: RecodedObject): void => {
    written.bytes += bytes
    written.encodeMs += ms
  }
  return { to, objects: caches.map(({ path, key }, index) => ({ path, key, to: to[index] ?? '' })), written, take }
}

/** Cached segments with their files of another form. */
function elsewhere(
  { caches }: FormsOptions,
  to: readonly string[],
  codebook?: CodebookFile,
): NonNullable<CachesInForm['segment']> {
  const paths = new Map(caches.map(({ key }, index) => [key, to[index]]))
  return (segment) => ({ ...segment, path: paths.get(segment.key) ?? segment.path, ...(codebook && { codebook }) })
}

/** Bytes of the caches' f16 files. */
export async function f16Bytes(caches: readonly F16Cache[]): Promise<number> {
  const sizes = await Promise.all(caches.map(async ({ path }) => (await stat(path)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
