/** What chunks have, told in two ways: by a look into the index for each, or by all keys read at once. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Sets } from '../../src/main/documents/sets'
import { KeySet, keyWords } from '../../src/main/store/key-set'
import { openStore } from '../../src/main/store/store'
import { fillLargeSet } from '../helpers/large-set'
import { tempFolder } from '../helpers/temp-folder'

const MODEL = {
  identity: { fingerprint: 'f'.repeat(64), bos: [1], prefix: [1, 5, 6], contextLength: 1_000_000 },
  tokenizer: { digest: 't'.repeat(64), tokenize: () => Promise.reject(new Error('Nothing is cut here.')) },
}
const OTHER = { ...MODEL, identity: { ...MODEL.identity, fingerprint: 'e'.repeat(64) } }
const breathe = (): Promise<void> => Promise.resolve()

it('sums are the same whichever way is taken', async () => {
  await using folder = await tempFolder()
  await using store = await openStore(folder.path)
  const { sql, chunkKeys } = store
  const [set, others] = ['Shelf', 'Others'].map((name) => new Sets(sql).create(name, 'model').row) as [number, number]
  fillLargeSet(sql, { set, model: MODEL, documents: 24, chunks: 4 })
  fillLargeSet(sql, { set: others, model: OTHER, documents: 3, chunks: 4 })
  const versions = sql.all<{ id: number }>('SELECT id FROM versions ORDER BY id').map(({ id }) => id)
  // Of some chunks the best variant alone has gone, of some the poorer one; some are damaged, of those some are cached poorly.
  sql.run("DELETE FROM entries WHERE kind = 'document' AND key < '3'")
  sql.run("DELETE FROM entries WHERE kind = 'bos' AND key > 'd'")
  sql.run(
    `INSERT INTO quarantine (key, profile, object, why, found_at)
     SELECT best, 'f16', best, 'torn', '2025-01-01' FROM chunk_keys WHERE best < '2' OR best > 'e'`,
  )
  for (const { identity } of [MODEL, OTHER]) {
    const looked = chunkKeys.sums(versions, identity.fingerprint)
    expect(chunkKeys.sumsBy(versions, await chunkKeys.held(identity.fingerprint, breathe))).toEqual(looked)
    expect(looked).toHaveLength(27)
  }
  const all = chunkKeys.sums(versions, MODEL.identity.fingerprint)
  for (const name of ['cached', 'poorer', 'damaged'] as const)
    expect(all.reduce((sum, row) => sum + row[name], 0), name).toBeGreaterThan(0)
})

it('keys are read to the last, in parts', async () => {
  await using folder = await tempFolder()
  await using store = await openStore(folder.path)
  // More than one query reads.
  store.sql.run(
    `INSERT INTO entries (key, model, kind, chain, token_digest, tokens, compute_ms, created_at)
     WITH RECURSIVE number (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM number WHERE at < 10200)
     SELECT lower(hex(randomblob(32))), iif(at % 51 = 0, 'other', ?), 'bos', '', at, 1, 1, '' FROM number`,
    [MODEL.identity.fingerprint],
  )
  const { cached } = await store.chunkKeys.held(MODEL.identity.fingerprint, breathe)
  const keys = store.sql.all<{ key: string }>('SELECT key FROM entries').map(({ key }) => key)
  expect(keys.filter((key) => cached.has(keyWords(key), 0))).toHaveLength(10_000)
})

describe('a set of keys', () => {
  const key = (): string => randomBytes(32).toString('hex')
  const has = (set: KeySet, digits: string): boolean => set.has(keyWords(digits), 0)

  it('tells keys apart by all of their digits', () => {
    // As if chance had it that many begin alike.
    const [kept, absent] = [0, 1].map(() => Array.from({ length: 50 }, () => `00000000${key().slice(8)}`)) as [string[], string[]]
    const set = new KeySet([keyWords(kept.slice(0, 20).join('')), keyWords(''), keyWords(kept.slice(20).join(''))])
    expect(kept.every((each) => has(set, each))).toBe(true)
    expect(absent.some((each) => has(set, each))).toBe(false)
    expect(has(set, `${kept[0]?.slice(0, 63)}${kept[0]?.endsWith('0') ? '1' : '0'}`)).toBe(false)
  })

  it('may be empty, and takes nothing but keys', () => {
    expect(has(new KeySet([]), key())).toBe(false)
    for (const digits of ['ab', `${key()}c`, 'g'.repeat(64)]) expect(() => keyWords(digits)).toThrow(expect.objectContaining({ code: 'store.damaged' }))
  })
})
