/**
 * A llama in plain arithmetic, to hold the engine against: one loop per sum, doubles, K and V rounded to f16 where the
 * engine stores them. For F32 models of a few layers.
 */
import { readFileSync } from 'node:fs'

/** Rows of K (after RoPE) and V per layer: [layers][rows] of [kv heads * head_dim]. */
export interface ReferenceCache {
  readonly k: Float64Array[][]
  readonly v: Float64Array[][]
}

export interface Check {
  readonly layer: number
  readonly ratio: number
  /** Cached rows before it stay as they are. */
  readonly exactRows: number
  readonly by: 'v' | 'k'
}

export class ReferenceModel {
  readonly layers: number
  readonly #heads: number
  readonly #kvHeads: number
  readonly #headDim: number
  readonly #epsilon: number
  readonly #ropeBase: number
  readonly #weights: ReadonlyMap<string, readonly Float64Array[]>

  constructor(path: string) {
    const { numbers, tensors } = readGguf(path)
    const field = (name: string): number => {
      const value = numbers.get(name)
      if (value === undefined) throw new Error(`The model has no ${name}.`)
      return value
    }
    this.layers = field('llama.block_count')
    this.#heads = field('llama.attention.head_count')
    this.#kvHeads = field('llama.attention.head_count_kv')
    this.#headDim = field('llama.rope.dimension_count')
    this.#epsilon = field('llama.attention.layer_norm_rms_epsilon')
    this.#ropeBase = field('llama.rope.freq_base')
    this.#weights = tensors
  }

  emptyCache(): ReferenceCache {
    const planes = (): Float64Array[][] => Array.from({ length: this.layers }, () => [])
    return { k: planes(), v: planes() }
  }

  /** Puts K before RoPE and V of a chunk at the rows from `start`. */
  place(cache: ReferenceCache, planes: readonly Float32Array[], start: number): void {
    const width = this.#kvHeads * this.#headDim
    for (let layer = 0; layer < this.layers; layer++) {
      const [k, v] = [planes[2 * layer], planes[2 * layer + 1]]
      for (let token = 0; k && v && token < k.length / width; token++) {
        const row = start + token
        const at = [token * width, (token + 1) * width] as const
        at2(cache.k, layer)[row] = this.#rounded(this.#rope(Float64Array.from(k.subarray(...at)), row))
        at2(cache.v, layer)[row] = Float64Array.from(v.subarray(...at))
      }
    }
  }

  /** Computes rows through all layers, K and V written over the cache's; logits of the last row. */
  compute(cache: ReferenceCache, tokens: readonly number[], rows: readonly number[]): Float64Array {
    let x = rows.map((row) => this.#embed(tokens, row))
    for (let layer = 0; layer < this.layers; layer++) {
      this.#store(cache, layer, rows, x)
      x = this.#rest(cache, layer, rows, x)
    }
    return this.#logits(x.at(-1) ?? new Float64Array())
  }

  /** Weights that rows pay, mean over heads: [layers][rows][rows up to each one's own]. K and V are written. */
  attention(cache: ReferenceCache, tokens: readonly number[], rows: readonly number[]): number[][][] {
    let x = rows.map((row) => this.#embed(tokens, row))
    return Array.from({ length: this.layers }, (_, layer) => {
      this.#store(cache, layer, rows, x)
      const weights = rows.map((row, i) => this.#meanWeights(cache, layer, row, x[i] ?? new Float64Array()))
      x = this.#rest(cache, layer, rows, x)
      return weights
    })
  }

  /**
   * CacheBlend: everything that is not exact up to the check layer's K and V, then the question and the rows that
   * deviate most.
   */
  blend(
    cache: ReferenceCache,
    tokens: readonly number[],
    cachedRows: readonly number[],
    { layer: at, ratio, exactRows, by }: Check,
  ): { readonly logits: Float64Array; readonly chosen: number[] } {
    const candidates = cachedRows.filter((row) => row >= exactRows)
    const isComputed = (row: number): boolean => !cachedRows.includes(row)
    const all = [...tokens.keys()].filter((row) => isComputed(row) || candidates.includes(row))
    let x = all.map((row) => this.#embed(tokens, row))
    for (let layer = 0; layer < at; layer++) {
      this.#store(cache, layer, all, x)
      x = this.#rest(cache, layer, all, x)
    }
    const before = at2(cache[by], at).slice()
    this.#store(cache, at, all, x)
    const scores = candidates.map((row) => ({ row, score: distance(before[row], at2(cache[by], at)[row]) }))
    const chosen = scores
      .toSorted((a, b) => b.score - a.score)
      .slice(0, Math.floor(ratio * cachedRows.length))
      .map(({ row }) => row)
      .toSorted((a, b) => a - b)
    const rows = all.filter((row) => chosen.includes(row) || isComputed(row))
    let kept = rows.map((row) => x[all.indexOf(row)] ?? new Float64Array())
    for (let layer = at; layer < this.layers; layer++) {
      if (layer > at) this.#store(cache, layer, rows, kept)
      kept = this.#rest(cache, layer, rows, kept)
    }
    return { logits: this.#logits(kept.at(-1) ?? new Float64Array()), chosen }
  }

  #embed(tokens: readonly number[], row: number): Float64Array {
    return Float64Array.from(this.#matrix('token_embd.weight')[tokens[row] ?? -1] ?? [])
  }

  #store(cache: ReferenceCache, layer: number, rows: readonly number[], x: readonly Float64Array[]): void {
    for (const [i, row] of rows.entries()) {
      const normed = this.#norm(x[i], `blk.${layer}.attn_norm.weight`)
      const k = this.#rope(this.#times(`blk.${layer}.attn_k.weight`, normed), row)
      at2(cache.k, layer)[row] = this.#rounded(k)
      at2(cache.v, layer)[row] = this.#rounded(this.#times(`blk.${layer}.attn_v.weight`, normed))
    }
  }

  /** Attention over all rows up to each one's own, and the feed-forward part. */
  #rest(cache: ReferenceCache, layer: number, rows: readonly number[], x: readonly Float64Array[]): Float64Array[] {
    return rows.map((row, i) => {
      const own = x[i] ?? new Float64Array()
      const normed = this.#norm(own, `blk.${layer}.attn_norm.weight`)
      const q = this.#rope(this.#times(`blk.${layer}.attn_q.weight`, normed), row)
      const attended = this.#attend(cache, layer, row, q)
      const middle = sum(own, this.#times(`blk.${layer}.attn_output.weight`, attended))
      const after = this.#norm(middle, `blk.${layer}.ffn_norm.weight`)
      const up = this.#times(`blk.${layer}.ffn_up.weight`, after)
      const gate = this.#times(`blk.${layer}.ffn_gate.weight`, after)
      const inner = up.map((value, j) => (value * (gate[j] ?? 0)) / (1 + Math.exp(-(gate[j] ?? 0))))
      return sum(middle, this.#times(`blk.${layer}.ffn_down.weight`, inner))
    })
  }

  #attend(cache: ReferenceCache, layer: number, row: number, q: Float64Array): Float64Array {
    const out = new Float64Array(q.length)
    const [values, size] = [at2(cache.v, layer), this.#headDim]
    for (let head = 0; head < this.#heads; head++) {
      const kv = this.#keysOf(head)
      for (const [key, weight] of this.#softmax(cache, layer, row, q, head).entries()) {
        for (let i = 0; i < size; i++) out[head * size + i]! += (values[key]?.[kv + i] ?? NaN) * weight
      }
    }
    return out
  }

  #meanWeights(cache: ReferenceCache, layer: number, row: number, x: Float64Array): number[] {
    const normed = this.#norm(x, `blk.${layer}.attn_norm.weight`)
    const q = this.#rope(this.#times(`blk.${layer}.attn_q.weight`, normed), row)
    const heads = Array.from({ length: this.#heads }, (_, head) => this.#softmax(cache, layer, row, q, head))
    return Array.from({ length: row + 1 }, (_, key) => heads.reduce((all, head) => all + (head[key] ?? NaN), 0) / this.#heads)
  }

  /** Weights of one head over the rows up to this one. */
  #softmax(cache: ReferenceCache, layer: number, row: number, q: Float64Array, head: number): number[] {
    const [keys, size, kv] = [at2(cache.k, layer), this.#headDim, this.#keysOf(head)]
    const scores = Array.from({ length: row + 1 }, (_, key) => {
      let dot = 0
      for (let i = 0; i < size; i++) dot += (q[head * size + i] ?? NaN) * (keys[key]?.[kv + i] ?? NaN)
      return dot / Math.sqrt(size)
    })
    const highest = Math.max(...scores)
    const weights = scores.map((score) => Math.exp(score - highest))
    const total = weights.reduce((a, b) => a + b, 0)
    return weights.map((weight) => weight / total)
  }

  /** Where a head's keys and values begin in a row. */
  #keysOf(head: number): number {
    return Math.floor(head / (this.#heads / this.#kvHeads)) * this.#headDim
  }

  #logits(x: Float64Array): Float64Array {
    return this.#times('output.weight', this.#norm(x, 'output_norm.weight'))
  }

  #norm(x: Float64Array | undefined, name: string): Float64Array {
    const weight = this.#matrix(name)[0] ?? new Float64Array()
    const values = x ?? new Float64Array()
    const mean = values.reduce((total, value) => total + value * value, 0) / values.length
    return values.map((value, i) => (value / Math.sqrt(mean + this.#epsilon)) * (weight[i] ?? NaN))
  }

  #times(name: string, x: Float64Array): Float64Array {
    return Float64Array.from(this.#matrix(name), (weights) => {
      let total = 0
      for (let i = 0; i < weights.length; i++) total += (weights[i] ?? NaN) * (x[i] ?? NaN)
      return total
    })
  }

  /** Pairs of neighbours in every head are turned by position * base^(-2i / head_dim). */
  #rope(x: Float64Array, position: number): Float64Array {
    const turned = x.slice()
    for (let i = 0; i < x.length; i += 2) {
      const angle = position * this.#ropeBase ** (-(i % this.#headDim) / this.#headDim)
      const [a, b] = [x[i] ?? NaN, x[i + 1] ?? NaN]
      turned[i] = a * Math.cos(angle) - b * Math.sin(angle)
      turned[i + 1] = a * Math.sin(angle) + b * Math.cos(angle)
    }
    return turned
  }

  #rounded(x: Float64Array): Float64Array {
    return Float64Array.from(new Float16Array(x))
  }

  #matrix(name: string): readonly Float64Array[] {
    const rows = this.#weights.get(name)
    if (!rows) throw new Error(`The model has no tensor ${name}.`)
    return rows
  }
}

function at2(planes: Float64Array[][], layer: number): Float64Array[] {
  const plane = planes[layer]
  if (!plane) throw new Error(`There is no layer ${layer}.`)
  return plane
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + (b[i] ?? NaN))
}

function distance(a: Float64Array | undefined, b: Float64Array | undefined): number {
  if (!a || !b) return NaN
  return a.reduce((total, value, i) => total + (value - (b[i] ?? NaN)) ** 2, 0)
}

/** Numbers of the metadata and all F32 tensors, as rows, of a GGUF file (version 3). */
function readGguf(path: string): { numbers: Map<string, number>; tensors: Map<string, Float64Array[]> } {
  const file = readFileSync(path)
  let at = 8
  const u32 = (): number => file.readUInt32LE((at += 4) - 4)
  const u64 = (): number => Number(file.readBigUInt64LE((at += 8) - 8))
  const text = (): string => {
    const length = u64()
    at += length
    return file.toString('utf8', at - length, at)
  }
  /** Sizes of the types 0 to 12; strings (8) and arrays (9) are read apart. */
  const SIZES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8]
  const value = (type: number): number | null => {
    if (type === 8) return text().length
    if (type === 9) {
      const [inner, count] = [u32(), u64()]
      for (let i = 0; i < count; i++) value(inner)
      return null
    }
    at += SIZES[type] ?? NaN
    if (type === 4) return file.readUInt32LE(at - 4)
    if (type === 5) return file.readInt32LE(at - 4)
    if (type === 6) return file.readFloatLE(at - 4)
    return null
  }
  const [tensorCount, fieldCount] = [u64(), u64()]
  const numbers = new Map<string, number>()
  for (let i = 0; i < fieldCount; i++) {
    const name = text()
    const number = value(u32())
    if (number !== null) numbers.set(name, number)
  }
  const infos = Array.from({ length: tensorCount }, () => {
    const name = text()
    const sizes = Array.from({ length: u32() }, u64)
    const type = u32()
    return { name, sizes, type, offset: u64() }
  })
  const alignment = numbers.get('general.alignment') ?? 32
  const data = Math.ceil(at / alignment) * alignment
  const tensors = new Map<string, Float64Array[]>()
  for (const { name, sizes: [width = 0, height = 1], type, offset } of infos) {
    if (type !== 0) throw new Error(`Expected F32 in ${name}.`)
    const row = (index: number): Float64Array =>
      Float64Array.from({ length: width }, (_, i) => file.readFloatLE(data + offset + 4 * (index * width + i)))
    tensors.set(name, Array.from({ length: height }, (_, index) => row(index)))
  }
  return { numbers, tensors }
}
