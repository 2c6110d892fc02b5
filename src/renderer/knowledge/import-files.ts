/** Handing files over: their paths in the window, their text from a browser. */
import type { AppRouter } from '../../shared/router'
import type { inferRouterInputs } from '@trpc/server'
import { bridge, client } from '../rpc/client'
import { strings } from '../strings'
import { bytes } from '../ui/format'

type Upload = inferRouterInputs<AppRouter>['documents']['addText']['files'][number]

/** One upload's texts together, and its files; below what the workbench takes (`rpc/limits.ts`). */
const BATCH_CHARS = 8 * 1024 * 1024
const BATCH_FILES = 500
/** The largest file that a browser hands over in one piece. */
const MAX_FILE_BYTES = 20 * 1024 * 1024

/** What the workbench takes as text; of other files nothing is read. PDF and Word files go by their path, in the window. */
const IMPORTED = /\.(md|markdown|txt|html?)$/i

/** Starts the import; returns why some files could not be read here. What becomes of the others, their job tells. */
export async function importFiles(set: string, files: readonly File[]): Promise<string[]> {
  if (bridge) {
    const paths = files.map((file) => bridge?.pathForFile(file) ?? '').filter(Boolean)
    if (paths.length > 0) await client.documents.add.mutate({ set, paths })
    return []
  }
  const problems: string[] = []
  let batch: Upload[] = []
  let chars = 0
  const send = async (): Promise<void> => {
    if (batch.length > 0) await client.documents.addText.mutate({ set, files: batch })
    batch = []
    chars = 0
  }
  for (const file of files) {
    const name = file.webkitRelativePath || file.name
    if (file.size > MAX_FILE_BYTES) {
      problems.push(strings.imports.tooLarge(name, bytes(MAX_FILE_BYTES)))
      continue
    }
    if (!IMPORTED.test(name)) {
      problems.push(strings.imports.otherKind(name))
      continue
    }
    const text = await readText(file)
    if (text === null) {
      problems.push(strings.imports.notText(name))
      continue
    }
    if (chars + text.length > BATCH_CHARS || batch.length === BATCH_FILES) await send()
    batch.push({ name, text })
    chars += text.length
  }
  await send()
  return problems
}

async function readText(file: File): Promise<string | null> {
  const data = await file.arrayBuffer()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

/** All files of a drop, those in dropped folders too (the window imports folders by their path instead). */
export async function droppedFiles(data: DataTransfer): Promise<File[]> {
  if (bridge) return [...data.files]
  // Entries must be taken before anything is awaited: the browser empties the list then.
  const dropped = [...data.items]
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
    .filter((each) => each !== null)
  return (
    await Promise.all(dropped.map((each) => (each instanceof File ? Promise.resolve([each]) : filesOf(each))))
  ).flat()
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))]
  if (!isFolder(entry)) return []
  const reader = entry.createReader()
  const files: File[] = []
  // A reader gives at most a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return files
    // As in an import by path: of a folder, other kinds of files are passed over.
    files.push(...(await Promise.all(some.map(filesOf))).flat().filter(({ name }) => IMPORTED.test(name)))
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
