/** What an import job does: files or texts into a set, then chunks for the set's model. */
import { WorkbenchError } from '../../shared/errors'
import type { JobOutcome } from '../../shared/jobs'
import type { ImportOutcome } from '../../shared/knowledge'
import { throwIfCancelled } from '../base/cancelled'
import { errorText } from '../base/error-code'
import { sha256 } from '../base/hash'
import type { Converted } from '../documents/convert/converted'
import type { Converter } from '../documents/converter'
import type { Conversions } from '../documents/conversions'
import { normaliseText } from '../documents/decode'
import { findFiles } from '../documents/find-files'
import { formatOf, IMPORTED_NAMES, isConverted, unsupported } from '../documents/format'
import type { ImportedFacts, Library } from '../documents/library'
import { readDocument } from '../documents/read-file'
import { textOf } from '../documents/text-of'
import type { UploadedFile } from '../documents/uploads'
import type { JobTask } from '../jobs/jobs'
import type { JobSpec } from '../jobs/spec'

/** One document to come, with where it comes from; `read` throws what is wrong with it. */
export interface Incoming {
  readonly source: string
  /** Absolute, of a file that is here. */
  readonly path?: string
  readonly read: () => Promise<Arrived>
}

/** Its text is asked for only where its bytes are new: converting takes time. */
export interface Arrived {
  readonly facts: ImportedFacts
  readonly text: () => Promise<Converted>
}

/** What reading takes. */
export interface Reading {
  readonly converter: Converter
  readonly conversions: Conversions
  readonly signal: AbortSignal
}

/** @throws document.unsupported when there are none */
export async function incomingFiles(paths: readonly string[], reading: Reading): Promise<Incoming[]> {
  const files = await findFiles(paths, reading.signal)
  if (files.length === 0) {
    throw new WorkbenchError(
      'document.unsupported',
      { id: 'import.nothing', params: { kinds: IMPORTED_NAMES } },
    )
  }
  return files.map(({ source, path, error }) => ({
    source,
    path,
    read: async () => {
      if (error) throw error
      return await readFileAt({ path, source, origin: path }, reading)
    },
  }))
}

/** What was uploaded, under its names: a file of the same name later is a new version. */
export function incomingUpload(files: readonly UploadedFile[], reading: Reading): Incoming[] {
  return files.map(({ name, path, error }) => ({
    source: name,
    read: async () => {
      if (error) throw error
      return await readFileAt({ path, source: name, origin: `text:${name}` }, reading)
    },
  }))
}

async function readFileAt(
  { path, source, origin }: { readonly path: string; readonly source: string; readonly origin: string },
  { converter, conversions, signal }: Reading,
): Promise<Arrived> {
  const format = formatOf(source)
  if (!format) throw unsupported(source)
  const bytes = await readDocument(path, source)
  const digest = sha256(bytes)
  const convert = (): Promise<Converted> => textOf({ bytes, format, source }, converter, signal)
  return {
    facts: { origin, source, format, digest, bytes: bytes.byteLength },
    text: () => (isConverted(format) ? conversions.of(digest, format, convert) : convert()),
  }
}

export function incomingTexts(
  files: readonly { readonly name: string; readonly text: string }[],
  { converter, signal }: Omit<Reading, 'conversions'>,
): Incoming[] {
  return files.map(({ name, text }) => ({
    source: name,
    read: async () => {
      const format = formatOf(name)
      if (!format) throw unsupported(name)
      if (format === 'pdf' || format === 'docx') {
        throw new WorkbenchError(
          'document.unsupported',
          { id: 'document.not-text', params: { name } },
        )
      }
      return {
        facts: { origin: `text:${name}`, source: name, format, digest: sha256(text), bytes: Buffer.byteLength(text) },
        text: async () =>
          isConverted(format)
            ? await textOf({ bytes: Buffer.from(text), format, source: name }, converter, signal)
            : { text: normaliseText(text, name), places: [] },
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
  // Of a run before a pause, which imported them.
  const earlier = new Map(outcomes.splice(0).map((outcome) => [outcome.document, outcome]))
  for (const [index, { source, read }] of incoming.entries()) {
    throwIfCancelled(task.signal)
    task.report({ step: { code: 'reading', name: source }, done: index, total: incoming.length })
    try {
      const { facts, text } = await read()
      const outcome = library.known(set, facts) ?? (await library.import(set, { ...facts, ...(await text()) }))
      outcomes.push((outcome.outcome === 'unchanged' && earlier.get(outcome.document)) || outcome)
    } catch (error) {
      if (!isDocumentFault(error)) throw error
      outcomes.push({ source, document: null, outcome: 'failed', detail: errorText(error), said: error.detail })
    }
  }
  task.report({ step: { code: 'imported' }, done: incoming.length, total: incoming.length })
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed')
  if (failed.length > 0 && failed.length === outcomes.length) throw nothingImported(failed)
}

export function importOutcome(outcomes: readonly ImportOutcome[]): JobOutcome {
  const number = (wanted: ImportOutcome['outcome']): number => outcomes.filter(({ outcome }) => outcome === wanted).length
  return {
    what: 'import',
    added: number('added'),
    updated: number('new-version'),
    unchanged: number('unchanged'),
    failed: number('failed'),
  }
}

function nothingImported([first, ...others]: readonly ImportOutcome[]): WorkbenchError {
  const { detail = '', said } = first ?? {}
  if (others.length === 0) return new WorkbenchError('document.invalid', said ?? detail)
  return new WorkbenchError('document.invalid', { id: 'import.failed', params: { first: said ?? null, text: detail, others: others.length } })
}

export function isDocumentFault(error: unknown): error is WorkbenchError {
  return (
    error instanceof WorkbenchError &&
    ['document.invalid', 'document.unsupported', 'file.unreadable'].includes(error.code)
  )
}

/** What is kept of an upload, so that it can go on after a restart, in characters. */
const MOST_KEPT = 16e6

/** Undefined for an upload that is too large to be kept twice. */
export function uploadSpec(set: string, files: readonly { readonly name: string; readonly text: string }[]): JobSpec | undefined {
  const size = files.reduce((sum, { text }) => sum + text.length, 0)
  return size > MOST_KEPT ? undefined : { job: 'upload', set, files: [...files] }
}
