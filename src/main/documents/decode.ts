/** Bytes from outside to normalised text. */
import { isUtf8 } from 'node:buffer'
import { WorkbenchError } from '../../shared/errors'
import { MAX_DOCUMENT_BYTES } from './limits'

/**
 * Strict UTF-8; a byte order mark is dropped, CRLF and CR become LF, a missing last line end is added.
 * @throws document.invalid: too large, empty, not UTF-8, with NUL characters
 */
export function decodeDocument(bytes: Uint8Array, source: string): string {
  checkSize(bytes.byteLength, source)
  if (!isUtf8(bytes)) {
    const hint = looksLikeUtf16(bytes)
      ? 'It looks like UTF-16.'
      : `Byte ${invalidByteAt(bytes)} is not part of a character.`
    throw new WorkbenchError(
      'document.invalid',
      `${source} is not UTF-8 text. ${hint} Save it as UTF-8 and import it again.`,
    )
  }
  return normalise(new TextDecoder('utf-8').decode(bytes), source)
}

/** The same for text that came as text. */
export function normaliseText(text: string, source: string): string {
  if (!text.isWellFormed())
    throw new WorkbenchError(
      'document.invalid',
      `${source} holds half a character (a lone surrogate). Import well-formed text.`,
    )
  checkSize(Buffer.byteLength(text), source)
  return normalise(text.startsWith('\uFEFF') ? text.slice(1) : text, source)
}

export function checkSize(bytes: number, source: string): void {
  if (bytes <= MAX_DOCUMENT_BYTES) return
  throw new WorkbenchError(
    'document.invalid',
    `${source} has ${bytes} bytes; a document may have ${MAX_DOCUMENT_BYTES} (64 MiB). Split it into several files.`,
  )
}

function normalise(text: string, source: string): string {
  if (text.includes('\0')) {
    throw new WorkbenchError(
      'document.invalid',
      `${source} holds NUL characters, so it is no text. Export it as plain text or Markdown.`,
    )
  }
  if (text.trim() === '')
    throw new WorkbenchError('document.invalid', `${source} is empty. Import a file with text in it.`)
  const lines = text.replace(/\r\n?/g, '\n')
  return lines.endsWith('\n') ? lines : `${lines}\n`
}

function looksLikeUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
}

/** Where the first byte stands that UTF-8 does not allow (Unicode 16, table 3-7), counted from 0. */
function invalidByteAt(bytes: Uint8Array): number {
  const at = (index: number): number => bytes[index] ?? 0
  const isTail = (index: number, low = 0x80, high = 0xbf): boolean =>
    index < bytes.length && at(index) >= low && at(index) <= high
  let index = 0
  while (index < bytes.length) {
    const first = at(index)
    if (first < 0x80) index += 1
    else if (first >= 0xc2 && first <= 0xdf && isTail(index + 1)) index += 2
    else if (
      first >= 0xe0 &&
      first <= 0xef &&
      isTail(index + 1, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf) &&
      isTail(index + 2)
    )
      index += 3
    else if (
      first >= 0xf0 &&
      first <= 0xf4 &&
      isTail(index + 1, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf) &&
      isTail(index + 2) &&
      isTail(index + 3)
    )
      index += 4
    else return index
  }
  return index
}
