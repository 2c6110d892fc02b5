/** Looks for GGUF files in folders of other programs. Reads only; bounded in depth, number and time. */
import { opendir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { z } from 'zod'
import type { Discovery, FoundModel, ModelPlace } from '../../shared/models'
import { throwIfCancelled } from '../base/cancelled'
import { errorCode, errorText } from '../base/error-code'
import type { PlaceToLook } from './model-places'

/** Enough for `models--org--name/snapshots/revision/sub/folder/file`. */
const MOST_DEPTH = 8
const MOST_FILES = 500
const MOST_ENTRIES = 50_000
const MOST_MS = 10_000
/** An Ollama manifest has about 1 KB. */
const MOST_MANIFEST_BYTES = 1 << 20

/** A file that looks like a model; its contents have not been looked at. */
export type ModelFile = Pick<FoundModel, 'path' | 'app' | 'name' | 'bytes'>

export type FoundFiles = Omit<Discovery, 'models'> & { readonly files: readonly ModelFile[] }

export interface FindOptions {
  readonly signal?: AbortSignal
  /** For tests. */
  readonly mostEntries?: number
}

/** @throws cancelled */
export async function findModelFiles(places: readonly PlaceToLook[], options: FindOptions = {}): Promise<FoundFiles> {
  const search = new Search(options)
  const looked: ModelPlace[] = []
  for (const place of places) looked.push({ ...place, state: await search.look(place) })
  return { files: search.files, places: looked, unreadable: search.unreadable, isComplete: search.isComplete }
}

class Search {
  readonly files: ModelFile[] = []
  readonly unreadable: { path: string; text: string; errno: string }[] = []
  isComplete = true
  readonly #signal: AbortSignal | undefined
  readonly #until = performance.now() + MOST_MS
  #entriesLeft: number
  /** Real paths: a link may lead back up, and two programs may share a file. */
  readonly #folders = new Set<string>()
  readonly #taken = new Set<string>()

  constructor({ signal, mostEntries = MOST_ENTRIES }: FindOptions) {
    this.#signal = signal
    this.#entriesLeft = mostEntries
  }

  async look({ app, path }: PlaceToLook): Promise<ModelPlace['state']> {
    throwIfCancelled(this.#signal)
    try {
      await stat(path)
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return 'absent'
      this.unreadable.push({ path, text: errorText(error), errno: errorCode(error) })
      return 'unreadable'
    }
    const before = this.unreadable.length
    if (app === 'ollama') {
      await this.#walk(join(path, 'manifests'), MOST_DEPTH, (file) => this.#takeManifest(path, file))
    } else {
      const name = app === 'hugging-face' ? hubName : nameBelow
      await this.#walk(path, MOST_DEPTH, async (file) => {
        if (file.toLowerCase().endsWith('.gguf')) await this.#take(file, { app, name: name(path, file) })
      })
    }
    return this.unreadable.slice(before).some((each) => each.path === path) ? 'unreadable' : 'read'
  }

  /** Every file below, by name; folders that were seen before are left out. */
  async #walk(folder: string, depth: number, take: (file: string) => Promise<void>): Promise<void> {
    try {
      const real = await realpath(folder)
      if (this.#folders.has(real)) return
      this.#folders.add(real)
      const [folders, files] = [[] as string[], [] as string[]]
      for await (const entry of await opendir(folder)) {
        throwIfCancelled(this.#signal)
        if (!this.#mayGoOn()) break
        const path = join(folder, entry.name)
        const isFolder = entry.isSymbolicLink() ? await leadsToFolder(path) : entry.isDirectory()
        if (isFolder) folders.push(path)
        else files.push(path)
      }
      for (const file of files.toSorted()) await take(file)
      if (depth === 0 && folders.length > 0) this.isComplete = false
      for (const each of depth > 0 ? folders.toSorted() : []) await this.#walk(each, depth - 1, take)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return
      if (!/^E[A-Z]+$/.test(errorCode(error))) throw error
      this.unreadable.push({ path: folder, text: errorText(error), errno: errorCode(error) })
    }
  }

  #mayGoOn(): boolean {
    const mayGoOn = --this.#entriesLeft >= 0 && this.files.length < MOST_FILES && performance.now() < this.#until
    if (!mayGoOn) this.isComplete = false
    return mayGoOn
  }

  async #take(path: string, { app, name }: Pick<FoundModel, 'app' | 'name'>): Promise<void> {
    throwIfCancelled(this.#signal)
    try {
      const real = await realpath(path)
      const facts = await stat(real)
      if (!facts.isFile() || this.#taken.has(real)) return
      this.#taken.add(real)
      this.files.push({ path, app, name, bytes: facts.size })
    } catch (error) {
      // A link to a file that has gone is not a model.
      if (!/^E[A-Z]+$/.test(errorCode(error))) throw error
      if (errorCode(error) !== 'ENOENT') this.unreadable.push({ path, text: errorText(error), errno: errorCode(error) })
    }
  }

  /** `manifests/registry.ollama.ai/library/llama3.2/1b` names blobs by digest. */
  async #takeManifest(models: string, file: string): Promise<void> {
    const digest = await this.#modelOf(file)
    if (digest === null) return
    const [tag = '', model = '', ...owners] = relative(join(models, 'manifests'), file).split(sep).toReversed()
    const [owner, registry] = owners
    const prefix = [registry === 'registry.ollama.ai' ? '' : registry, owner === 'library' ? '' : owner].filter(Boolean)
    const name = `${[...prefix, model].join('/')}:${tag}`
    await this.#take(join(models, 'blobs', digest.replace(':', '-')), { app: 'ollama', name })
  }

  async #modelOf(file: string): Promise<string | null> {
    try {
      if ((await stat(file)).size > MOST_MANIFEST_BYTES) return null
      const found = manifest.safeParse(JSON.parse(await readFile(file, 'utf8')))
      return found.data?.layers.find(({ mediaType }) => mediaType === 'application/vnd.ollama.image.model')?.digest ?? null
    } catch (error) {
      if (!(error instanceof SyntaxError)) this.unreadable.push({ path: file, text: errorText(error), errno: errorCode(error) })
      return null
    }
  }
}

const manifest = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/).catch('') })),
})

async function leadsToFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
}

/** `publisher/model` in LM Studio, the file's name elsewhere. */
function nameBelow(place: string, file: string): string {
  const folders = relative(place, file).split(sep).slice(0, -1)
  return folders.length > 0 ? folders.join('/') : basename(file, '.gguf')
}

/** `models--org--name/snapshots/revision/…` is `org/name`. */
function hubName(place: string, file: string): string {
  const [repository = ''] = relative(place, file).split(sep)
  return repository.startsWith('models--') ? repository.slice('models--'.length).replaceAll('--', '/') : basename(file, '.gguf')
}
