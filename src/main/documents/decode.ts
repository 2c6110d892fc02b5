/** Bytes from outside to normalised text. */
import { isUtf8 } from 'node:buffer'
import type { Detail } from '../../shared/details'
import { WorkbenchError } from '../../shared/errors'
import { MAX_DOCUMENT_BYTES } from './limits'

/**
 * Strict UTF-8; a byte order mark is dropped, CRLF and CR become LF, a missing last line end is added.
 * @throws document.invalid: too large, empty, not UTF-8, with NUL characters
 */
export function decodeDocument(bytes: Uint8Array, source: string): string {
  checkSize(bytes.byteLength, source)
  if (!isUtf8(bytes)) {
    throw new WorkbenchError(
      'document.invalid',
      notUtf8(bytes, source),
    )
  }
  return normalise(new TextDecoder('utf-8').decode(bytes), source)
}

/** The same for text that came as text. */
export function normaliseText(text: string, source: string): string {
  if (!text.isWellFormed())
    throw new WorkbenchError(
      'document.invalid',
      { id: 'document.half-character', params: { name: source } },
    )
  checkSize(Buffer.byteLength(text), source)
  return normalise(text.startsWith('\uFEFF') ? text.slice(1) : text, source)
}

export function checkSize(bytes: number, source: string): void {
  if (bytes <= MAX_DOCUMENT_BYTES) return
  throw new WorkbenchError(
    'document.invalid',
    { id: 'document.too-large', params: { name: source, bytes, most: MAX_DOCUMENT_BYTES } },
  )
}

function normalise(text: string, source: string): string {
  if (text.includes('\0')) {
    throw new WorkbenchError(
      'document.invalid',
      { id: 'document.nul', params: { name: source } },
    )
  }
  if (text.trim() === '')
    throw new WorkbenchError('document.invalid', { id: 'document.empty', params: { name: source } })
  const lines = text.replace(/\r\n?/g, '\n')
  return lines.endsWith('\n') ? lines : `${lines}\n`
}

function notUtf8(bytes: Uint8Array, name: string): Detail {
  if (looksLikeUtf16(bytes)) return { id: 'document.utf16', params: { name } }
  return { id: 'document.not-utf8', params: { name, byte: invalidByteAt(bytes) } }
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
