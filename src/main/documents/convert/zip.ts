/**
 * Looks into a zip archive before a library unpacks it: the sizes that its directory states are only claims, so every
 * entry is unpacked once with a limit. Format: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
 */
import { inflateRawSync } from 'node:zlib'
import { WorkbenchError } from '../../../shared/errors'
import { errorCode, errorText } from '../../base/error-code'
import { MAX_UNPACKED_BYTES, MAX_ZIP_ENTRIES } from '../limits'
import { invalid } from './converted'

const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1')
const END_BYTES = 22
const ENTRY_SIGNATURE = 0x02014b50
const ENTRY_BYTES = 46
const LOCAL_SIGNATURE = 0x04034b50
const LOCAL_BYTES = 30

/** @throws document.invalid: no zip archive, damaged, encrypted, or larger unpacked than `MAX_UNPACKED_BYTES` */
export function checkZip(bytes: Uint8Array, source: string): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    let left = MAX_UNPACKED_BYTES
    for (const { method, data } of entries(file, source)) {
      left -= method === 0 ? data.byteLength : unpackedBytes(data, left)
      if (left < 0) throw tooLarge(source)
    }
  } catch (error) {
    if (error instanceof WorkbenchError) throw error
    throw errorCode(error) === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(source) : damaged(source, errorText(error))
  }
}

function* entries(file: Buffer, source: string): Generator<{ readonly method: number; readonly data: Buffer }> {
  const end = file.lastIndexOf(END_SIGNATURE)
  if (end < 0 || end + END_BYTES > file.length) throw damaged(source, 'it is no zip archive')
  const count = file.readUInt16LE(end + 10)
  if (count > MAX_ZIP_ENTRIES) throw invalid({ id: 'word.parts', params: { name: source, files: count, most: MAX_ZIP_ENTRIES } })
  let at = file.readUInt32LE(end + 16)
  for (let index = 0; index < count; index++) {
    if (file.readUInt32LE(at) !== ENTRY_SIGNATURE) throw damaged(source, 'its directory is cut short')
    const flags = file.readUInt16LE(at + 8)
    if ((flags & 1) !== 0) throw invalid({ id: 'word.password', params: { name: source } })
    const method = file.readUInt16LE(at + 10)
    const packed = file.readUInt32LE(at + 20)
    const local = file.readUInt32LE(at + 42)
    if (file.readUInt32LE(local) !== LOCAL_SIGNATURE) throw damaged(source, 'an entry is not where it should be')
    const start = local + LOCAL_BYTES + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
    if (start + packed > file.length) throw damaged(source, 'it is cut short')
    yield { method, data: file.subarray(start, start + packed) }
    at += ENTRY_BYTES + file.readUInt16LE(at + 28) + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
}

function unpackedBytes(data: Buffer, most: number): number {
  return inflateRawSync(data, { maxOutputLength: Math.max(1, most) }).byteLength
}

function tooLarge(source: string): Error {
  return invalid(
    { id: 'word.unpacked', params: { name: source, mib: MAX_UNPACKED_BYTES / 2 ** 20 } },
  )
}

function damaged(source: string, why: string): Error {
  return invalid({ id: 'word.broken', params: { name: source, why } })
}
