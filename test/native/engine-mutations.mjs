// Opens damaged copies of a model one after the other, in a process of its own: a crash is this process's end, which
// the test sees. Arguments: addon, library folder, model, folder for copies. Prints one line of JSON.
import { createRequire } from 'node:module'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [addonPath, libraries, model, folder] = process.argv.slice(2)
const addon = createRequire(import.meta.url)(addonPath)
addon.open(libraries)
const sound = readFileSync(model)

/** Sizes of the fixed value types of GGUF, by number; 8 is a string, 9 an array. */
const BYTES = [1, 1, 2, 2, 4, 4, 4, 1, null, null, 8, 8, 8]

/** Places of every field of the header: what a damaged file has wrong. */
function fields(file) {
  const found = []
  let at = 4
  const take = (kind, size) => {
    found.push({ kind, at, size })
    at += size
    return at - size
  }
  const u32 = (kind) => file.readUInt32LE(take(kind, 4))
  const u64 = (kind) => Number(file.readBigUInt64LE(take(kind, 8)))
  const string = (kind) => take(kind, u64(`${kind} length`))
  const value = (type) => {
    if (type === 8) return string('string')
    if (type !== 9) return take('value', BYTES[type])
    const element = u32('element type')
    const count = u64('array count')
    // Thousands of tokens are alike: the first and the last ones stand for them.
    const start = found.length
    for (let i = 0; i < count; i++) value(element)
    if (found.length - start > 40) found.splice(start + 20, found.length - start - 40)
  }
  u32('version')
  const tensors = u64('tensor count')
  const keys = u64('key count')
  for (let i = 0; i < keys; i++) {
    string('key')
    value(u32('value type'))
  }
  for (let i = 0; i < tensors; i++) {
    string('tensor name')
    const dimensions = u32('dimensions')
    for (let d = 0; d < dimensions; d++) u64('dimension')
    u32('tensor type')
    u64('tensor offset')
  }
  return { found, end: at }
}

/** The same numbers in every run (mulberry32). */
function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const { found, end } = fields(sound)
const SHIFTS = [24n, 31n, 32n, 40n, 62n, 63n]
const HUGE = [0n, 1n, 2n, 0x7fn, 0xffffn, ...SHIFTS.map((shift) => 1n << shift), (1n << 63n) - 1n, (1n << 64n) - 1n]
const EXPECTED = ['fine', 'model.damaged', 'model.unsupported', 'model.unreadable', 'engine.failed', 'engine.memory']

/**
 * One damaged copy: what was done, and the bytes.
 * @returns {Generator<[string, Buffer]>}
 */
function* mutations() {
  const random = generator(1)
  const pick = (list) => list[Math.floor(random() * list.length)]
  for (const { kind, at, size } of found) {
    const copy = Buffer.from(sound)
    if (size === 8) copy.writeBigUInt64LE(pick(HUGE), at)
    else if (size === 4) copy.writeUInt32LE(Number(pick(HUGE) & 0xffffffffn), at)
    else for (let i = 0; i < size; i++) copy[at + i] = random() < 0.3 ? Math.floor(random() * 256) : copy[at + i]
    yield [`${kind} at ${at}`, copy]
  }
  for (let i = 0; i < 150; i++) {
    const copy = Buffer.from(sound)
    const count = 1 + Math.floor(random() * 4)
    for (let n = 0; n < count; n++) copy[Math.floor(random() * end)] = Math.floor(random() * 256)
    yield [`random bytes ${i}`, copy]
  }
  for (let i = 0; i < 60; i++) {
    const length = Math.floor(random() * (i % 2 ? end : sound.length))
    yield [`cut at ${length}`, sound.subarray(0, length)]
  }
  // Weights that are no numbers: they load, and answering must say so.
  const weights = Buffer.from(sound)
  weights.fill(0xff, end + 64)
  yield ['weights of ones', weights]
}

const codes = {}
const wrong = []
let count = 0
for (const [what, bytes] of mutations()) {
  const path = join(folder, 'damaged.gguf')
  writeFileSync(path, bytes)
  // On standard error, unbuffered: the last line names the case that crashed.
  process.stderr.write(`${what}\n`)
  const code = await open(path)
  codes[code] = (codes[code] ?? 0) + 1
  if (!EXPECTED.includes(code)) wrong.push(`${what}: ${code}`)
  count++
}
process.stdout.write(JSON.stringify({ count, codes, wrong }))

/** Inspects, loads and asks. `fine`, or the code of the error. */
async function open(path) {
  try {
    await addon.inspect(path)
    const { model, vocabulary } = await addon.load(path, { device: 'cpu', gpuLayers: 'auto', threads: 1 })
    try {
      const [tokens] = await addon.tokenize(model, ['a text to ask <|stop|>'], true)
      const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 }
      const segments = [{ kind: 'compute', tokens: [...tokens, vocabulary - 1] }]
      await addon.answer(1, { model, segments, sampling, maxTokens: 2, stop: [], subBatch: 64 }, () => undefined)
    } finally {
      addon.unload(model)
    }
    return 'fine'
  } catch (error) {
    return error.code ?? String(error)
  }
}
