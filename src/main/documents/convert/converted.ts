/** What comes out of a file that is no plain text. */
import type { Detail } from '../../../shared/details'
import { WorkbenchError } from '../../../shared/errors'
import { errorText } from '../../base/error-code'

export interface Converted {
  /** Markdown, normalised. */
  readonly text: string
  /** Where pages begin; none where the format has no pages. */
  readonly places: readonly Place[]
}

/** From `start` on, up to the next place, the text stands on this page. */
export interface Place {
  readonly start: number
  /** From 1. */
  readonly page: number
}

/** What a converter is told. */
export interface ConvertRequest {
  readonly format: 'pdf' | 'docx' | 'html'
  readonly bytes: Uint8Array
  /** For sentences. */
  readonly source: string
}

export function invalid(says: Detail, cause?: unknown): WorkbenchError {
  return new WorkbenchError('document.invalid', says, { cause })
}

/** What a library says is wrong, to be put into a sentence. */
export function reasonOf(error: unknown): string {
  return errorText(error).replace(/\s+/g, ' ').replace(/[.\s]+$/, '')
}
