/** Files that a person points at: by their paths in the window, as copies from a browser. */
import { bridge, client } from '../rpc/client'

/** A file to be uploaded; `name` with the folders in which it was found. */
export interface GivenFile {
  readonly name: string
  readonly file: File
  readonly inFolder: boolean
}

export type Given = { readonly paths: readonly string[] } | { readonly files: readonly GivenFile[] }

/** One message's share of the files; in base64 it stays below what the workbench takes (`rpc/limits.ts`). */
const PIECE_BYTES = 3 * 1024 * 1024
const MOST_PIECES = 500

export function isNothing(given: Given): boolean {
  return 'paths' in given ? given.paths.length === 0 : given.files.length === 0
}

/** What a file chooser gives. */
export function chosen(list: FileList | null): Given {
  const files = [...(list ?? [])]
  if (bridge) return { paths: files.map((file) => bridge?.pathForFile(file) ?? '').filter(Boolean) }
  return {
    files: files.map((file) => ({
      name: file.webkitRelativePath || file.name,
      file,
      inFolder: file.webkitRelativePath !== '',
    })),
  }
}

/** All files of a drop, those in dropped folders too (the window imports folders by their path instead). */
export async function dropped(data: DataTransfer): Promise<Given> {
  if (bridge) return chosen(data.files)
  // Entries must be taken before anything is awaited: the browser empties the list then.
  const all = [...data.items]
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
    .filter((each) => each !== null)
  const found = all.map(async (each) =>
    each instanceof File ? [{ name: each.name, file: each, inFolder: false }] : await filesOf(each, false),
  )
  return { files: (await Promise.all(found)).flat() }
}

async function filesOf(entry: FileSystemEntry, inFolder: boolean): Promise<GivenFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ name: entry.fullPath.replace(/^\//, '') || file.name, file, inFolder }]
  }
  if (!isFolder(entry)) return []
  const reader = entry.createReader()
  const files: GivenFile[] = []
  // A reader gives at most a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return files
    files.push(...(await Promise.all(some.map((each) => filesOf(each, true)))).flat())
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

export interface Uploading {
  readonly signal: AbortSignal
  /** Bytes sent, of `total`. */
  readonly onProgress: (done: number, total: number) => void
}

/** Hands copies over; the workbench says which of them it wants. @returns the upload's id */
export async function uploadFiles(given: readonly GivenFile[], { signal, onProgress }: Uploading): Promise<string> {
  const byName = new Map<string, File>()
  for (const { name, file } of given) if (!byName.has(name)) byName.set(name, file)
  const files = given.map(({ name, file, inFolder }) => ({ name, bytes: file.size, inFolder }))
  const { upload, wanted } = await client.documents.uploads.begin.mutate({ files })
  const sending = wanted.flatMap((name) => {
    const file = byName.get(name)
    return file ? [{ name, file }] : []
  })
  const total = sending.reduce((sum, { file }) => sum + file.size, 0)
  let done = 0
  let pieces: { readonly name: string; readonly start: number; readonly data: string }[] = []
  let waiting = 0
  const send = async (): Promise<void> => {
    signal.throwIfAborted()
    if (pieces.length > 0) await client.documents.uploads.put.mutate({ upload, pieces }, { signal })
    done += waiting
    onProgress(done, total)
    pieces = []
    waiting = 0
  }
  try {
    for (const { name, file } of sending) {
      for (let start = 0; start < file.size; start += PIECE_BYTES) {
        const piece = new Uint8Array(await file.slice(start, start + PIECE_BYTES).arrayBuffer())
        if (waiting + piece.byteLength > PIECE_BYTES || pieces.length === MOST_PIECES) await send()
        pieces.push({ name, start, data: base64(piece) })
        waiting += piece.byteLength
      }
    }
    await send()
    return upload
  } catch (error) {
    await client.documents.uploads.discard.mutate({ upload }).catch(() => undefined)
    throw error
  }
}

/** Arguments of one call. */
const AT_ONCE = 0x8000

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE))
  return btoa(text)
}
