/** What kinds of files are documents, by the ends of their names. */
import { extname } from 'node:path'
import { WorkbenchError } from '../../shared/errors'

/** Of these the text is in the file as it is. */
export type PlainFormat = 'markdown' | 'text'
/** These are converted into Markdown. */
export type ConvertedFormat = 'pdf' | 'docx' | 'html'
export type Format = PlainFormat | ConvertedFormat

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['.md', 'markdown'],
  ['.markdown', 'markdown'],
  ['.txt', 'text'],
  ['.pdf', 'pdf'],
  ['.docx', 'docx'],
  ['.html', 'html'],
  ['.htm', 'html'],
])

/** For sentences: `.md, .markdown, …`. */
export const IMPORTED_NAMES = [...FORMATS.keys()].join(', ')

export function formatOf(name: string): Format | null {
  return FORMATS.get(extname(name).toLowerCase()) ?? null
}

export function isConverted(format: Format): format is ConvertedFormat {
  return format === 'pdf' || format === 'docx' || format === 'html'
}

export function unsupported(source: string): WorkbenchError {
  return new WorkbenchError(
    'document.unsupported',
    { id: 'document.unsupported', params: { name: source, kinds: IMPORTED_NAMES } },
  )
}
