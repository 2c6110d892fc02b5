/** Files that a browser hands over in pieces: they lie in the data folder until they are imported or given up. */
import { randomUUID } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { fromErrorData, toErrorData, WorkbenchError, type ErrorData } from '../../shared/errors'
import type { UploadBegun, UploadPiece } from '../../shared/preview'
import { systemFailure } from '../base/error-code'
import { writeDurably } from '../base/durable-files'
import { Serial } from '../base/serial'
import { checkSize } from './decode'
import { formatOf, unsupported } from './format'
import { MAX_FILES, MAX_UPLOAD_BYTES } from './limits'

interface OfferedFile {
  readonly name: string
  readonly bytes: number
  readonly inFolder: boolean
}

export interface UploadedFile {
  readonly name: string
  readonly path: string
  /** Why it was not taken, or that it did not come whole. */
  readonly error: WorkbenchError | null
}

interface Coming {
  readonly path: string
  readonly bytes: number
  arrived: number
}

interface Upload {
  readonly folder: string
  readonly files: Map<string, Coming>
  readonly refused: readonly UploadedFile[]
  readonly writing: Serial
  touched: number
}

/** Beside the files of an upload that is being imported: which they are, and which were refused. */
const LIST = 'files.json'
const fileList = z.object({
  files: z.array(z.object({ name: z.string(), file: z.string().regex(/^\d{1,6}$/), bytes: z.int().min(0) })),
  refused: z.array(z.object({ name: z.string(), error: z.custom<ErrorData>((value) => value !== null && typeof value === 'object') })),
})

/** Whoever has sent nothing for so long will not come back. */
const IDLE_MS = 6 * 60 * 60 * 1000
/** What a process that was killed left behind. */
const STALE_MS = 24 * 60 * 60 * 1000

export class Uploads implements AsyncDisposable {
  readonly #root: string
  readonly #uploads = new Map<string, Upload>()
  readonly #isWanted: (id: string) => boolean

  /**
   * @param root made when it is first needed
   * @param isWanted an import that has not ended takes its files, now or with the next start
   */
  constructor(root: string, isWanted: (id: string) => boolean) {
    this.#root = root
    this.#isWanted = isWanted
  }

  /** Says which of the files are wanted. @throws argument.invalid, file.unreadable */
  async begin(offered: readonly OfferedFile[]): Promise<UploadBegun> {
    const id = randomUUID()
    const folder = join(this.#root, id)
    const files = new Map<string, Coming>()
    const refused: UploadedFile[] = []
    let total = 0
    for (const { name, bytes, inFolder } of offered) {
      if (inFolder && isPassedOver(name)) continue
      const error = files.has(name) ? twice(name) : refusalOf(name, bytes, total)
      if (error) refused.push({ name, path: '', error })
      else {
        files.set(name, { path: join(folder, `${files.size + 1}`), bytes, arrived: 0 })
        total += bytes
      }
      if (files.size > MAX_FILES)
        throw new WorkbenchError('argument.invalid', { id: 'upload.too-many', params: { most: MAX_FILES } })
    }
    await this.#guard(async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // Of an empty file no piece will come.
      for (const { path, bytes } of files.values()) if (bytes === 0) await writeFile(path, '')
    })
    this.#uploads.set(id, { folder, files, refused, writing: new Serial(), touched: Date.now() })
    return { upload: id, wanted: [...files.keys()] }
  }

  /** @throws not-found, argument.invalid, store.full */
  async put(id: string, pieces: readonly UploadPiece[]): Promise<void> {
    const upload = await this.#find(id)
    await upload.writing.run(async () => {
      for (const piece of pieces) await this.#write(upload, piece)
    })
  }

  async #write(upload: Upload, { name, start, data }: UploadPiece): Promise<void> {
    const file = upload.files.get(name)
    if (!file) throw new WorkbenchError('not-found', `Expected a file of this upload but got "${name}".`)
    if (start !== file.arrived || start + data.byteLength > file.bytes) {
      throw new WorkbenchError(
        'argument.invalid',
        `Expected bytes ${file.arrived} to ${file.bytes} of "${name}" but got ${start} to ${start + data.byteLength}. Upload it again.`,
      )
    }
    await this.#guard(() => appendFile(file.path, data, { mode: 0o600 }))
    file.arrived += data.byteLength
    upload.touched = Date.now()
  }

  /** In the order in which they were offered, the refused ones last. @throws not-found */
  async files(id: string): Promise<UploadedFile[]> {
    const { files, refused } = await this.#find(id)
    const taken = [...files].map(([name, { path, bytes, arrived }]): UploadedFile => {
      const error = arrived === bytes ? null : cut(name, arrived, bytes)
      return { name, path, error }
    })
    return [...taken, ...refused]
  }

  /**
   * An import begins, or is tried again: with what is written down here another process can go on with it.
   * @throws not-found, store.full
   */
  async keep(id: string): Promise<void> {
    const upload = await this.#find(id)
    const list: z.infer<typeof fileList> = {
      files: [...upload.files].map(([name, { path, bytes }]) => ({ name, file: basename(path), bytes })),
      refused: upload.refused.flatMap(({ name, error }) => (error ? [{ name, error: toErrorData(error) }] : [])),
    }
    await this.#guard(() => writeDurably(join(upload.folder, LIST), JSON.stringify(list), 0o600))
  }

  /** Nothing is left of it; one that is not there is none. */
  async discard(id: string): Promise<void> {
    const upload = this.#uploads.get(id)
    this.#uploads.delete(id)
    if (upload) await rm(upload.folder, { recursive: true, force: true })
  }

  /** Gives up what nobody comes back for. */
  async sweep(): Promise<void> {
    for (const [id, { touched }] of this.#uploads)
      if (Date.now() - touched > IDLE_MS && !this.#isWanted(id)) await this.discard(id)
    const left = await readdir(this.#root).catch(() => [])
    for (const name of left) {
      if (this.#uploads.has(name) || this.#isWanted(name)) continue
      const path = join(this.#root, name)
      const facts = await stat(path).catch(() => null)
      if (facts && Date.now() - facts.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#uploads.keys()) if (!this.#isWanted(id)) await this.discard(id)
  }

  async #find(id: string): Promise<Upload> {
    const upload = this.#uploads.get(id) ?? (await this.#left(id))
    if (!upload)
      throw new WorkbenchError('not-found', { id: 'upload.gone', params: {} })
    upload.touched = Date.now()
    return upload
  }

  /** What an import that has not ended left, of this process or one before; null where there is none. */
  async #left(id: string): Promise<Upload | null> {
    const folder = join(this.#root, id)
    const list = await readFile(join(folder, LIST), 'utf8').then(
      (text) => fileList.parse(JSON.parse(text)),
      () => null,
    )
    if (!list) return null
    const files = new Map<string, Coming>()
    for (const { name, file, bytes } of list.files) {
      const path = join(folder, file)
      files.set(name, { path, bytes, arrived: (await stat(path).catch(() => null))?.size ?? 0 })
    }
    const refused = list.refused.map(({ name, error }): UploadedFile => ({ name, path: '', error: fromErrorData(error) }))
    const upload = { folder, files, refused, writing: new Serial(), touched: Date.now() }
    this.#uploads.set(id, upload)
    return upload
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw new WorkbenchError('store.full', { id: 'upload.full', params: { path: this.#root, ...systemFailure(error) } }, {
        cause: error,
      })
    }
  }
}

/** As an import by path passes over what it finds in folders. */
function isPassedOver(name: string): boolean {
  return formatOf(name) === null || name.split('/').some((part) => part.startsWith('.'))
}

function refusalOf(name: string, bytes: number, total: number): WorkbenchError | null {
  try {
    if (!formatOf(name)) return unsupported(name)
    checkSize(bytes, name)
  } catch (error) {
    if (error instanceof WorkbenchError) return error
    throw error
  }
  if (total + bytes <= MAX_UPLOAD_BYTES) return null
  const most = MAX_UPLOAD_BYTES / 1024 / 1024
  return new WorkbenchError('document.invalid', { id: 'upload.too-large', params: { name, mib: most } })
}

function twice(name: string): WorkbenchError {
  return new WorkbenchError('document.invalid', { id: 'upload.twice', params: { name: basename(name) } })
}

function cut(name: string, arrived: number, bytes: number): WorkbenchError {
  return new WorkbenchError('document.invalid', { id: 'upload.cut', params: { name, arrived, bytes } })
}
