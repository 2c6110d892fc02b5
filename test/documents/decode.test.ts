import { describe, expect, it } from 'vitest'
import { decodeDocument, normaliseText } from '../../src/main/documents/decode'
import { MAX_DOCUMENT_BYTES } from '../../src/main/documents/limits'

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
const decode = (...parts: (string | number[])[]): string => decodeDocument(bytes(...parts), 'a.txt')

describe('decoding', () => {
  it('drops a byte order mark and normalises line ends', () => {
    expect(decode([0xef, 0xbb, 0xbf], 'a\r\nb\rc\n')).toBe('a\nb\nc\n')
    expect(decode('中文，没有换行')).toBe('中文，没有换行\n')
    expect(normaliseText('\uFEFFa\r\nb', 'a.md')).toBe('a\nb\n')
  })

  it.each([
    ['a lone continuation byte', [0x80], 3],
    ['an overlong form', [0xc0, 0xaf], 3],
    ['a surrogate', [0xed, 0xa0, 0x80], 3],
    ['a cut character', [0xe4, 0xb8], 3],
    ['more than Unicode has', [0xf4, 0x90, 0x80, 0x80], 3],
    ['an overlong three-byte form', [0xe0, 0x80, 0x80], 3],
    ['an overlong four-byte form', [0xf0, 0x80, 0x80, 0x80], 3],
  ])('refuses %s and says where it is', (_, wrong, at) => {
    expect(() => decode('abc', wrong)).toThrow(
      expect.objectContaining({ code: 'document.invalid', message: expect.stringContaining(`Byte ${at} `) as string }),
    )
  })

  it('finds the fault behind sound characters of every length', () => {
    const sound = 'aé中😀'
    expect(() => decode(sound, [0xff])).toThrow(`Byte ${Buffer.byteLength(sound)} `)
  })

  it('recognises UTF-16', () => {
    expect(() => decode([0xff, 0xfe, 0x41, 0xd8])).toThrow('UTF-16')
  })

  it('refuses nothing, white space, NUL and half characters', () => {
    for (const text of ['', ' \n\t\r\n'])
      expect(() => decode(text)).toThrow(
        expect.objectContaining({ code: 'document.invalid', message: expect.stringContaining('empty') as string }),
      )
    expect(() => decode('a\0b')).toThrow('NUL')
    expect(() => normaliseText('a\uD800b', 'x')).toThrow('surrogate')
  })

  it('refuses what is too large, by bytes', () => {
    expect(() => decodeDocument(new Uint8Array(MAX_DOCUMENT_BYTES + 1), 'big.txt')).toThrow(
      expect.objectContaining({ code: 'document.invalid', message: expect.stringContaining('64 MiB') as string }),
    )
  })
})
