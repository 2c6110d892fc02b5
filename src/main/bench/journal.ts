/**
 * What a bench has measured so far, one JSON line per measurement in a folder of its own under `bench/runs/`. A run
 * that was interrupted, in whatever way, goes on from there when the same is measured again; a run that has ended takes
 * its folder along.
 */
import { appendFile, mkdir, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { WorkbenchError } from '../../shared/errors'
import { makeDataDir } from '../base/data-dir'
import { errorCode } from '../base/error-code'
import { sha256 } from '../base/hash'

/** Everything that decides what is measured; two runs with the same go on from each other. */
export type RunIdentity = Readonly<Record<string, unknown>> & { readonly kind: string }

export interface JournalOptions<Entry> {
  readonly dataDir: string
  readonly identity: RunIdentity
  readonly entry: z.ZodType<Entry>
  /** Forgets what an interrupted run has measured. */
  readonly fresh: boolean
}

interface Line<Entry> {
  /** The measurement's name. */
  readonly slot: string
  /** Which process of this bench measured it, from 1. */
  readonly run: number
  /** How long it took, all told. */
  readonly ms: number
  readonly entry: Entry
}

export class Journal<Entry> {
  /** For what else an interrupted run keeps, e.g. its caches. */
  readonly folder: string
  readonly #file: string
  readonly #entries: Map<string, Line<Entry>>
  readonly #run: number

  private constructor(folder: string, lines: readonly Line<Entry>[]) {
    this.folder = folder
    this.#file = fileIn(folder)
    this.#entries = new Map(lines.map((line) => [line.slot, line]))
    this.#run = Math.max(0, ...lines.map(({ run }) => run)) + 1
  }

  /** @throws `store.damaged` */
  static async open<Entry>({ dataDir, identity, entry, fresh }: JournalOptions<Entry>): Promise<Journal<Entry>> {
    const folder = join(dataDir, 'bench', 'runs', `${identity.kind}-${sha256(JSON.stringify(identity)).slice(0, 16)}`)
    await makeDataDir(dataDir)
    if (fresh) await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return new Journal(folder, await readLines(fileIn(folder), entry))
  }

  /** Measurements that are there already. */
  get size(): number {
    return this.#entries.size
  }

  /** Processes that measured, this one included once it has. */
  get runs(): number {
    return new Set([...this.#entries.values()].map(({ run }) => run)).size
  }

  has(slot: string): boolean {
    return this.#entries.has(slot)
  }

  /** @throws `internal` where it has not been measured */
  get(slot: string): Entry {
    const line = this.#entries.get(slot)
    if (!line) throw new WorkbenchError('internal', `The bench has no measurement ${slot}.`)
    return line.entry
  }

  /** How long a measurement took; null where it has not been made. */
  msOf(slot: string): number | null {
    return this.#entries.get(slot)?.ms ?? null
  }

  /** On the disk when it returns. */
  async add(slot: string, ms: number, entry: Entry): Promise<void> {
    const line = { slot, run: this.#run, ms, entry }
    await appendFile(this.#file, `${JSON.stringify(line)}\n`, { flush: true })
    this.#entries.set(slot, line)
  }

  /** Everything was reported: nothing is to go on from. */
  async end(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function readLines<Entry>(path: string, entry: z.ZodType<Entry>): Promise<Line<Entry>[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return ''
    throw error
  })
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  // What a crash left of a line would run into the next one.
  if (whole !== text) await truncate(path, Buffer.byteLength(whole))
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      try {
        const { entry: measured, ...rest } = JSON.parse(line) as Line<unknown>
        return { ...rest, entry: entry.parse(measured) }
      } catch (error) {
        const text = `Expected a measurement in ${path}, line ${index + 1}, but it is damaged. Begin anew with --fresh.`
        throw new WorkbenchError('store.damaged', text, { cause: error })
      }
    })
}

const fileIn = (folder: string): string => join(folder, 'measured.jsonl')
