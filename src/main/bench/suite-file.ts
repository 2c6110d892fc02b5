/** Question sets: JSON Lines, one question a line (`docs/bench/README.md`, "Question sets"). */
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { z } from 'zod'
import { WorkbenchError } from '../../shared/errors'
import { errorText } from '../base/error-code'
import { sha256 } from '../base/hash'
import { decodeDocument, normaliseText } from '../documents/decode'
import { formatOf, isConverted } from '../documents/format'
import type { ImportedText } from '../documents/library'
import { readDocument } from '../documents/read-file'

export interface SuiteQuestion {
  readonly id: string
  /** Answers are also reported by it. */
  readonly kind: string
  /** What else answers are reported by: the length of the context, say. */
  readonly tags: readonly string[]
  readonly question: string
  /** Every one counts as right. */
  readonly answers: readonly string[]
  /** In reading order. */
  readonly documents: readonly ImportedText[]
  /** Parts by place (`2.s3`), title, file name or `Document/Section`. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

export interface Suite {
  readonly file: string
  /** SHA-256 of the file and the documents that it names. */
  readonly digest: string
  readonly questions: readonly SuiteQuestion[]
}

/** Those with a tag; all without one. @throws `argument.invalid` where none has it */
export function taggedQuestions({ file, questions }: Suite, tag: string | undefined): readonly SuiteQuestion[] {
  const wanted = tag === undefined ? questions : questions.filter(({ tags }) => tags.includes(tag))
  if (wanted.length > 0) return wanted
  const tags = [...new Set(questions.flatMap(({ tags }) => tags))]
  const known = tags.length === 0 ? 'its questions have none' : `it has ${tags.join(', ')}`
  throw new WorkbenchError(
    'argument.invalid',
    `Expected a tag that questions of ${file} have, got '${tag ?? ''}'; ${known}.`,
  )
}

/** `count` of the values, from the first on in even steps, so that every part of a set comes up. */
export function spread<T>(values: readonly T[], count: number): T[] {
  const most = Math.min(count, values.length)
  return Array.from({ length: most }, (_, at) => values[Math.floor((at * values.length) / most)] as T)
}

const names = z.array(z.string().min(1)).default([])
const suiteLine = z.strictObject({
  id: z.string().min(1),
  kind: z.string().min(1),
  tags: names,
  question: z.string().min(1),
  answers: z.array(z.string()).min(1),
  documents: z
    .array(
      z.union([z.string().min(1), z.strictObject({ title: z.string().min(1), text: z.string() })], {
        error: 'expected the path of a file, or an object with title and text',
      }),
    )
    .optional(),
  /** The id of an earlier question that has the same documents. */
  documentsOf: z.string().optional(),
  include: names,
  exclude: names,
  /** Tokens of the selection as the author counted them; the report states what the model's tokenizer makes of it. */
  contextTokens: z.number().optional(),
})

/**
 * Reads the whole file and its documents, so that a mistake is known before anything is computed.
 * @throws `file.unreadable`; `argument.invalid` naming file and line
 */
export async function readSuite(path: string): Promise<Suite> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new WorkbenchError('file.unreadable', `The question set ${path} cannot be read: ${errorText(error)}.`, {
      cause: error,
    })
  })
  const read = new Map<string, Promise<ImportedText>>()
  const questions: SuiteQuestion[] = []
  const lineOf = new Map<string, number>()
  const documentsOf = new Map<string, readonly ImportedText[]>()
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const at = `${path}, line ${index + 1}`
    const { contextTokens: _, documents, documentsOf: other, ...question } = parseLine(line, at)
    const earlier = lineOf.get(question.id)
    if (earlier !== undefined) throw refuse(at, `the id '${question.id}' stands in line ${earlier} already`)
    lineOf.set(question.id, index + 1)
    const shared = other === undefined ? [] : documentsOf.get(other)
    if (!shared || (documents === undefined) === (other === undefined)) throw refuse(at, wrongDocuments(documents, other))
    const texts = [...shared]
    for (const document of documents ?? []) texts.push(await documentOf(document, { path, at, read }))
    documentsOf.set(question.id, texts)
    questions.push({ ...question, documents: texts })
  }
  if (questions.length === 0)
    throw new WorkbenchError('argument.invalid', `Expected questions in ${path}, but it has none.`)
  const digests = questions.flatMap(({ documents }) => documents.map(({ digest }) => digest))
  return { file: basename(path), digest: sha256([text, ...digests].join('\n')), questions }
}

function wrongDocuments(documents: unknown, other: string | undefined): string {
  if (other === undefined) return 'it has neither documents nor documentsOf'
  return documents === undefined
    ? `no line before it has the id '${other}' that documentsOf names`
    : 'it has both documents and documentsOf'
}

function parseLine(line: string, at: string): z.infer<typeof suiteLine> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw refuse(at, `it is no JSON (${errorText(error)})`)
  }
  const parsed = suiteLine.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  throw refuse(at, `${where === '' ? '' : `${where}: `}${issue?.message ?? 'it does not fit'}`)
}

interface Place {
  readonly path: string
  readonly at: string
  /** What was read already, by path. */
  readonly read: Map<string, Promise<ImportedText>>
}

async function documentOf(
  document: string | { readonly title: string; readonly text: string },
  { path, at, read }: Place,
): Promise<ImportedText> {
  try {
    if (typeof document !== 'string') return inlineText(document.title, document.text)
    const file = resolve(dirname(path), document)
    const found = read.get(file) ?? fileText(file, document)
    read.set(file, found)
    return await found
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error
    throw refuse(at, error.message)
  }
}

async function fileText(path: string, source: string): Promise<ImportedText> {
  const format = formatOf(path)
  if (!format || isConverted(format)) {
    throw new WorkbenchError(
      'document.unsupported',
      `${source} is not imported: expected a .md, .markdown or .txt file for a question.`,
    )
  }
  const bytes = await readDocument(path, source)
  const text = decodeDocument(bytes, source)
  return { origin: path, source, format, digest: sha256(bytes), bytes: bytes.byteLength, text }
}

/** Markdown; the title is its name, and its heading where the text has none. */
function inlineText(title: string, text: string): ImportedText {
  const normalised = normaliseText(text, title)
  const digest = sha256(text)
  const origin = `text:${title}:${digest}`
  return { origin, source: title, format: 'markdown', digest, bytes: Buffer.byteLength(text), text: normalised }
}

function refuse(at: string, problem: string): WorkbenchError {
  const example = '{"id": "1", "kind": "lookup", "question": "…", "answers": ["…"], "documents": ["a.md"]}'
  return new WorkbenchError(
    'argument.invalid',
    `Expected a question like ${example} in ${at}, but ${problem}`.replace(/\.?$/, '.'),
  )
}
