/** What an import job does: files or texts into a set, then chunks for the set's model. */
import { WorkbenchError } from '../../shared/errors'
import type { ImportOutcome } from '../../shared/knowledge'
import { throwIfCancelled } from '../base/cancelled'
import { errorText } from '../base/error-code'
import { sha256 } from '../base/hash'
import { decodeDocument, normaliseText } from '../documents/decode'
import { findFiles, formatOf, unsupported } from '../documents/find-files'
import type { ImportedText, Library } from '../documents/library'
import { readDocument } from '../documents/read-file'
import type { JobTask } from '../jobs/jobs'

/** One document to come, with where it comes from; `read` throws what is wrong with it. */
export interface Incoming {
  readonly source: string
  readonly read: () => Promise<ImportedText>
}

export async function incomingFiles(paths: readonly string[], signal: AbortSignal): Promise<Incoming[]> {
  return (await findFiles(paths, signal)).map(({ source, path, error }) => ({
    source,
    read: async () => {
      const format = formatOf(path)
      if (error) throw error
      if (!format) throw unsupported(source)
      const bytes = await readDocument(path, source)
      return {
        origin: path,
        source,
        format,
        digest: sha256(bytes),
        bytes: bytes.byteLength,
        text: decodeDocument(bytes, source),
      }
    },
  }))
}

export function incomingTexts(files: readonly { readonly name: string; readonly text: string }[]): Incoming[] {
  return files.map(({ name, text }) => ({
    source: name,
    read: async () => {
      const format = formatOf(name)
      if (!format) throw unsupported(name)
      return {
        origin: `text:${name}`,
        source: name,
        format,
        digest: sha256(text),
        bytes: Buffer.byteLength(text),
        text: normaliseText(text, name),
      }
    },
  }))
}

/**
 * Imports one after the other. A document that cannot be imported is an outcome, not the end; what failed for another
 * reason (the disk, a cancel) ends the import, and what was imported stays.
 */
export async function importAll(
  library: Library,
  incoming: readonly Incoming[],
  { set, task, outcomes }: { readonly set: number; readonly task: JobTask; readonly outcomes: ImportOutcome[] },
): Promise<void> {
  for (const [index, { source, read }] of incoming.entries()) {
    throwIfCancelled(task.signal)
    task.report({ phase: `Reading ${source}`, done: index, total: incoming.length })
    try {
      outcomes.push(await library.import(set, await read()))
    } catch (error) {
      if (!isDocumentFault(error)) throw error
      outcomes.push({ source, document: null, outcome: 'failed', detail: errorText(error) })
    }
  }
  task.report({ phase: 'Imported', done: incoming.length, total: incoming.length })
  if (outcomes.length === 0) {
    throw new WorkbenchError(
      'document.unsupported',
      'There is nothing to import: expected .md, .markdown or .txt files, or folders with such files.',
    )
  }
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed')
  if (failed.length === outcomes.length) throw new WorkbenchError('document.invalid', nothingImported(failed))
}

/** A sentence for the person who waits. */
export function importResult(outcomes: readonly ImportOutcome[]): string {
  const words = { added: 'added', 'new-version': 'updated', unchanged: 'unchanged', failed: 'failed' } as const
  const parts = (['added', 'new-version', 'unchanged', 'failed'] as const)
    .map((outcome) => ({ word: words[outcome], count: outcomes.filter((entry) => entry.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
  const list = parts.map(({ word, count }) => `${count} ${word}`).join(', ')
  return `${outcomes.length} ${outcomes.length === 1 ? 'document' : 'documents'}: ${list}.`
}

function nothingImported(failed: readonly ImportOutcome[]): string {
  const first = failed[0]?.detail ?? ''
  return failed.length === 1 ? first : `${first} (${failed.length - 1} more could not be imported either.)`
}

function isDocumentFault(error: unknown): boolean {
  return (
    error instanceof WorkbenchError &&
    ['document.invalid', 'document.unsupported', 'file.unreadable'].includes(error.code)
  )
}
