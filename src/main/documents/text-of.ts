import type { Converted, Place } from './convert/converted'
import type { Converter } from './converter'
import { checkSize, decodeDocument } from './decode'
import { isConverted, type Format } from './format'

interface Raw {
  readonly bytes: Uint8Array
  readonly format: Format
  readonly source: string
}

/** A document's normalised text, with where its pages begin. @throws document.invalid, cancelled */
export async function textOf(
  { bytes, format, source }: Raw,
  converter: Converter,
  signal?: AbortSignal,
): Promise<Converted> {
  if (!isConverted(format)) return { text: decodeDocument(bytes, source), places: [] }
  checkSize(bytes.byteLength, source)
  return await converter.convert({ format, bytes, source }, signal)
}

/** The page of an offset; null where the document has none. */
export function pageAt(places: readonly Place[], offset: number): number | null {
  return places.findLast(({ start }) => start <= offset)?.page ?? null
}
