import { isUtf8 } from 'node:buffer'
import { invalid } from './converted'

/** Where a page says how its bytes are to be read (HTML, "prescan a byte stream to determine its encoding"). */
const PRESCAN_BYTES = 4096
const CHARSET = /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i

/** UTF-8 where it is that, else what a byte order mark or the page itself names. @throws document.invalid */
export function decodeHtml(bytes: Uint8Array, source: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes)
  const named = CHARSET.exec(Buffer.from(bytes.subarray(0, PRESCAN_BYTES)).toString('latin1'))?.[1]
  try {
    if (named) return new TextDecoder(named, { fatal: true }).decode(bytes)
  } catch (error) {
    throw invalid({ id: 'html.encoding', params: { name: source, encoding: named ?? '' } }, error)
  }
  throw invalid({ id: 'html.unknown-encoding', params: { name: source } })
}
