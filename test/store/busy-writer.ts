/**
 * For crash tests: does at random what a store goes through (builds, re-encoding, evictions, clean-ups, syncs of documents),
 * and tells its parent of everything it has been told was done, until it is killed.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Library } from '../../src/main/documents/library'
import { Sets } from '../../src/main/documents/sets'
import { openStore, type Store } from '../../src/main/store/store'
import { cleanFilter } from '../../src/shared/upkeep'
import { cacheOf, digestOf } from './objects'

/** What the parent is told. */
export type Done =
  | { readonly kind: 'there' | 'gone'; readonly keys: readonly string[] }
  | { readonly kind: 'document'; readonly origin: string; readonly digest: string | null }

const [folder = '', prefix = ''] = process.argv.slice(2)
const CODEBOOK = 'b'.repeat(64)
const store = await openStore(folder)
const [library, sets] = [new Library(store.sql), new Sets(store.sql)]
const set = sets.list()[0] ?? sets.create('Set', 'model')
const known = new Set(store.keys())
let number = 0

const tell = (done: Done): void => {
  process.send?.(done)
}
const pick = (): string | undefined => [...known][randomInt(Math.max(1, known.size))]

async function staged(from: Store): Promise<{ path: string; object: { digest: string; bytes: number; ms: number } }> {
  const content = randomBytes(randomInt(1, 30_000))
  const path = from.stage()
  await writeFile(path, content)
  return { path, object: { digest: digestOf(content), bytes: content.length, ms: 1 } }
}

async function build(): Promise<void> {
  const cache = cacheOf(`${prefix}${number++}`)
  const { path, object } = await staged(store)
  await store.commit(path, cache, object, { profile: 'f16', codebook: '', temporary: number % 3 === 0 })
  known.add(cache.key)
  tell({ kind: 'there', keys: [cache.key] })
}

async function recode(): Promise<void> {
  const key = pick()
  if (key === undefined) return
  const { path, object } = await staged(store)
  await store.commitForm(path, key, object, { profile: 'small', codebook: CODEBOOK, temporary: false })
  store.removeTemporary([key], { profile: 'small', codebook: CODEBOOK, temporary: false })
}

/** What went is told only afterwards; what is going is told before, since a kill may come between. */
async function making(room: () => void): Promise<void> {
  const before = new Set(known)
  tell({ kind: 'gone', keys: [...before] })
  room()
  for (const key of before) if (!store.has(key)) known.delete(key)
  tell({ kind: 'there', keys: [...known] })
  await Promise.resolve()
}

async function sync(): Promise<void> {
  const origin = `/${randomInt(4)}.md`
  const text = randomBytes(randomInt(1, 2000)).toString('hex')
  tell({ kind: 'document', origin, digest: null })
  await library.import(set.row, {
    origin,
    source: origin,
    format: 'markdown',
    digest: digestOf(text),
    bytes: text.length,
    text,
  })
  tell({ kind: 'document', origin, digest: digestOf(text) })
}

const filter = cleanFilter.parse({ bytes: 20_000 })
const actions: (() => Promise<unknown>)[] = [
  build,
  build,
  recode,
  recode,
  sync,
  () => making(() => void store.upkeep.clean(filter, null)),
  () => making(() => void store.upkeep.restore(store.upkeep.trashed()[0]?.batch ?? 0)),
  () => making(() => store.upkeep.emptyTrash()),
  () => making(() => evict()),
  () => store.upkeep.collect(),
]

/** What was just made counts as old here, but for what a build has left uncoded: that would be given up. */
function evict(): void {
  store.sql.run("UPDATE copies SET made_at = '2025-01-01T00:00:00.000Z' WHERE temporary = 0")
  store.upkeep.makeRoom(randomInt(100_000, 400_000))
}

for (;;) await actions[randomInt(actions.length)]?.()
