import { sentence, type Detail } from './details'

/**
 * The closed list of error codes. Codes cross processes and RPC; texts name what was expected, what came and what to do.
 * A cache miss is data, not an error.
 */
export const ERROR_CODES = [
  'argument.invalid', // a request from outside that does not fit its schema
  'not-found', // a set, document, section, chunk, model or job that does not exist
  'conflict', // a name already taken, a store in use
  'cancelled', // the caller aborted
  'file.unreadable', // missing, a folder, no permission
  'document.unsupported', // a file type that is not imported
  'document.invalid', // empty, not UTF-8, too large
  'model.unreadable',
  'model.damaged', // a GGUF that contradicts itself
  'model.unsupported', // an architecture, tokenizer or tensor type this engine does not run
  'model.gate-failed', // its check showed that mixing cached and fresh K/V gives wrong answers
  'object.unreadable',
  'object.damaged', // checksum, magic, truncation
  'object.mismatch', // a sound object, of another model, chunk or shape
  'store.damaged',
  'store.full',
  'engine.no-library', // ggml package missing or of another version
  'engine.memory',
  'engine.context-too-long',
  'engine.died', // the host process ended in the middle of a job
  'engine.failed', // ggml reported a failure
  'internal', // a bug of ours
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** The one error class. `cause` is kept; `code` decides how a face shows it, `detail` in which words. */
export class WorkbenchError extends Error {
  readonly code: ErrorCode
  readonly detail: Detail | undefined

  /**
   * @param says a sentence, or what it is made of
   * @param options with `detail`: what the sentence was made of elsewhere, by another version perhaps
   */
  constructor(code: ErrorCode, says: string | Detail, options: ErrorOptions & { readonly detail?: Detail | undefined } = {}) {
    super(typeof says === 'string' ? says : sentence(says), options)
    this.name = 'WorkbenchError'
    this.code = code
    this.detail = typeof says === 'string' ? options.detail : says
  }
}

function isErrorCode(value: unknown): value is ErrorCode {
  return ERROR_CODES.some((code) => code === value)
}

/** A plain form that survives JSON and IPC. */
export interface ErrorData {
  readonly code: ErrorCode
  readonly message: string
  /** The message as data, where it is one of those that are. */
  readonly detail?: Detail
}

/** Any thrown value as plain data; an unknown one becomes `internal`, an abort becomes `cancelled`. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof WorkbenchError) {
    const { code, message, detail } = error
    return detail ? { code, message, detail } : { code, message }
  }
  if (error instanceof Error) {
    if (error.name === 'AbortError') return { code: 'cancelled', message: 'Cancelled.' }
    const code: unknown = 'code' in error ? error.code : undefined
    return { code: isErrorCode(code) ? code : 'internal', message: error.message }
  }
  return { code: 'internal', message: String(error) }
}

export function fromErrorData(data: ErrorData, options?: ErrorOptions): WorkbenchError {
  return new WorkbenchError(data.code, data.message, { ...options, detail: data.detail })
}
