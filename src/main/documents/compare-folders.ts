/** What differs between folders and the documents that came from them. Nothing is changed here. */
import { stat } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import type { Detail } from '../../shared/details'
import { WorkbenchError } from '../../shared/errors'
import type { FolderDiff, FolderEntry } from '../../shared/knowledge'
import { errorCode, systemFailure } from '../base/error-code'
import { sha256 } from '../base/hash'
import { findFiles } from './find-files'
import type { KnownFile } from './library'
import { documentId } from './node-id'
import { readDocument } from './read-file'

/**
 * Documents from elsewhere are left out. Of what cannot be read, a folder that is not there any more say, nothing is
 * called gone.
 * @param folders absolute
 */
export async function compareFolders(
  folders: readonly string[],
  documents: readonly KnownFile[],
  signal?: AbortSignal,
): Promise<FolderDiff> {
  const known = new Map(documents.map((document) => [document.origin, document]))
  const entries: FolderEntry[] = []
  const seen = new Set<string>()
  const closed: string[] = []
  let unchanged = 0
  for (const { path, error } of await findFiles(folders, signal)) {
    if (seen.has(path)) continue
    seen.add(path)
    const document = known.get(path)
    const entry = { path, document: document ? documentId(document.id) : null }
    const digest = error ?? (await digestOf(path))
    if (digest instanceof WorkbenchError) {
      closed.push(path)
      entries.push({ ...entry, state: 'unreadable', detail: digest.message, said: digest.detail })
    } else if (!document) entries.push({ ...entry, state: 'new', detail: null })
    else if (digest !== document.digest) entries.push({ ...entry, state: 'changed', detail: null })
    else unchanged++
  }
  for (const { id, origin } of documents) {
    const isHere = folders.some((folder) => isBelow(folder, origin)) && !closed.some((path) => isBelow(path, origin))
    if (isHere && !seen.has(origin) && (await isGone(origin)))
      entries.push({ path: origin, document: documentId(id), state: 'gone', detail: null })
  }
  return { folders: [...folders], entries, unchanged }
}

async function digestOf(path: string): Promise<string | WorkbenchError> {
  try {
    return sha256(await readDocument(path, path))
  } catch (error) {
    if (error instanceof WorkbenchError && ['file.unreadable', 'document.invalid'].includes(error.code)) return error
    throw error
  }
}

/** Folders are to be there when they are named; remembered ones may have gone. @throws file.unreadable */
export async function assertFolders(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const detail = await stat(path).then(
      (facts): Detail | null => (facts.isDirectory() ? null : { id: 'folder.is-file', params: { path } }),
      (error: unknown): Detail => ({ id: 'folder.none', params: { path, ...systemFailure(error) } }),
    )
    if (detail) throw new WorkbenchError('file.unreadable', detail)
  }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Only where the system says so: a drive that does not answer has not lost its files. */
async function isGone(path: string): Promise<boolean> {
  try {
    await stat(path)
    return false
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(errorCode(error))
  }
}
