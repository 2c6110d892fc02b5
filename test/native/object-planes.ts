import { readFile } from 'node:fs/promises'

/** f16 planes K0 V0 K1 V1 … of an object file as numbers. */
export async function planes(path: string): Promise<Float32Array[]> {
  const file = await readFile(path)
  return Array.from({ length: file.readUInt32LE(64) }, (_, segment) => {
    const at = 128 + 32 * segment
    const [offset, length] = [Number(file.readBigUInt64LE(at + 8)), Number(file.readBigUInt64LE(at + 16))]
    return Float32Array.from({ length: length / 2 }, (__, i) => fromF16(file.readUInt16LE(offset + 2 * i)))
  })
}

function fromF16(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}
