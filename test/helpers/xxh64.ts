/** XXH64 with seed 0, after its specification; for making object files in tests. Slow. */
const MASK = (1n << 64n) - 1n
const P1 = 11400714785074694791n
const P2 = 14029467366897019727n
const P3 = 1609587929392839161n
const P4 = 9650029242287828579n
const P5 = 2870177450012600261n

const rotl = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & MASK
const round = (lane: bigint, input: bigint): bigint => (rotl((lane + input * P2) & MASK, 31n) * P1) & MASK
const merge = (hash: bigint, lane: bigint): bigint => ((hash ^ round(0n, lane)) * P1 + P4) & MASK

export function xxh64(data: Buffer): bigint {
  let at = 0
  let hash = P5
  if (data.length >= 32) {
    let [a, b, c, d] = [(P1 + P2) & MASK, P2, 0n, (-P1) & MASK]
    for (; at + 32 <= data.length; at += 32) {
      a = round(a, data.readBigUInt64LE(at))
      b = round(b, data.readBigUInt64LE(at + 8))
      c = round(c, data.readBigUInt64LE(at + 16))
      d = round(d, data.readBigUInt64LE(at + 24))
    }
    hash = (rotl(a, 1n) + rotl(b, 7n) + rotl(c, 12n) + rotl(d, 18n)) & MASK
    for (const lane of [a, b, c, d]) hash = merge(hash, lane)
  }
  hash = (hash + BigInt(data.length)) & MASK
  for (; at + 8 <= data.length; at += 8) hash = (rotl(hash ^ round(0n, data.readBigUInt64LE(at)), 27n) * P1 + P4) & MASK
  for (; at + 4 <= data.length; at += 4)
    hash = (rotl(hash ^ ((BigInt(data.readUInt32LE(at)) * P1) & MASK), 23n) * P2 + P3) & MASK
  for (; at < data.length; at += 1) hash = (rotl(hash ^ ((BigInt(data[at] ?? 0) * P5) & MASK), 11n) * P1) & MASK
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK
  return hash ^ (hash >> 32n)
}
