/** Stores as earlier versions of Kvasir left them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { MIGRATIONS } from '../../src/main/store/schema'
import { openStore } from '../../src/main/store/store'
import { tempFolder } from '../helpers/temp-folder'
import { cacheOf, objectOf } from './objects'

/** Rows as versions 1 and 2 wrote them: a cache with its file, one set aside, a set with a document. */
async function oldStore(folder: string, version: number): Promise<void> {
  const database = new Database(join(folder, 'index.sqlite'))
  for (const migration of MIGRATIONS.slice(0, version)) database.exec(migration)
  database.pragma(`user_version = ${version}`)
  const { content, object } = objectOf('old')
  const { key, model, chain, tokenDigest, tokens } = cacheOf('old')
  database
    .prepare(
      `INSERT INTO entries (key, model, kind, chain, token_digest, tokens, profile, object, bytes, compute_ms, created_at, used_at, hits)
       VALUES (?, ?, 'bos', ?, ?, ?, 'f16', ?, ?, 7.5, '2025-01-01T00:00:00.000Z', '2025-02-01T00:00:00.000Z', 4)`,
    )
    .run(key, model, chain, tokenDigest, tokens, object.digest, object.bytes)
  database
    .prepare("INSERT INTO quarantine (key, object, why, found_at) VALUES (?, ?, 'torn', '2025-01-02T00:00:00.000Z')")
    .run(cacheOf('torn').key, objectOf('torn').object.digest)
  database.exec(
    `INSERT INTO sets (name, model, created_at) VALUES ('Handbook', 'llama', '2025-01-01T00:00:00.000Z');
     INSERT INTO documents (set_id, origin, source, format) VALUES (1, '/a.md', 'a.md', 'markdown');
     INSERT INTO versions (document_id, number, is_current, digest, bytes, title, imported_at, body)
       VALUES (1, 1, 1, 'd', 3, 'A', '2025-01-01T00:00:00.000Z', 'abc');`,
  )
  database.close()
  const file = join(folder, 'objects', object.digest.slice(0, 2), `${object.digest}.kvo`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

describe.each([1, 2])('a store of version %i', (version) => {
  it('keeps its caches, what was set aside, its sets and documents', async () => {
    await using folder = await tempFolder()
    await oldStore(folder.path, version)
    await using store = await openStore(folder.path)
    const { key } = cacheOf('old')
    expect(store.entry(key)).toEqual({
      ...cacheOf('old'),
      computeMs: 7.5,
      createdAt: '2025-01-01T00:00:00.000Z',
      usedAt: '2025-02-01T00:00:00.000Z',
      hits: 4,
      pinned: false,
    })
    await using lease = await store.open([key])
    expect(lease.files.get(key)).toMatchObject({ profile: 'f16' })
    expect(store.copies([key])).toMatchObject([{ codebook: '', temporary: false, object: objectOf('old').object.digest }])
    expect(store.setAside([cacheOf('torn').key]).size).toBe(1)
    expect(store.sql.all('SELECT name, profile FROM sets')).toEqual([{ name: 'Handbook', profile: 'f16' }])
    expect(store.sql.all('SELECT source, body FROM documents JOIN versions ON document_id = documents.id')).toEqual([
      { source: 'a.md', body: 'abc' },
    ])
  })

  it('takes caches of every kind and profile', async () => {
    await using folder = await tempFolder()
    await oldStore(folder.path, version)
    await using store = await openStore(folder.path)
    for (const profile of ['f16', 'small'] as const) {
      const { content, object } = objectOf(`tail ${profile}`)
      const staged = store.stage()
      await writeFile(staged, content)
      const codebook = profile === 'f16' ? '' : 'b'.repeat(64)
      await store.commit(staged, cacheOf('tail', { kind: 'tail' }), object, { profile, codebook, temporary: false })
    }
    expect(store.copies([cacheOf('tail').key]).map(({ profile }) => profile)).toEqual(['f16', 'small'])
    expect(store.entry(cacheOf('tail').key)?.kind).toBe('tail')
  })
})

it('of before caches that were thrown away were told as such knows those in its trash', async () => {
  await using folder = await tempFolder()
  const before = MIGRATIONS.findIndex((text) => text.includes('ALTER TABLE evicted'))
  const database = new Database(join(folder.path, 'index.sqlite'))
  for (const migration of MIGRATIONS.slice(0, before)) database.exec(migration)
  database.pragma(`user_version = ${before}`)
  database.exec(
    `INSERT INTO evicted VALUES ('made-room', '2025-01-01T00:00:00.000Z');
     INSERT INTO entries (key, model, kind, chain, token_digest, tokens, compute_ms, created_at)
       VALUES ('kept', 'm', 'bos', 'c', 'd', 1, 1, '2025-01-01T00:00:00.000Z');
     INSERT INTO trash VALUES (1, 'thrown', 'f16', 'o1', 1, '{}', '2025-01-01T00:00:00.000Z'),
       (2, 'thrown', 'small', 'o2', 1, '{}', '2025-01-02T00:00:00.000Z'), (3, 'kept', 'small', 'o3', 1, '{}', '2025-01-02T00:00:00.000Z');`,
  )
  database.close()
  await using store = await openStore(folder.path)
  expect(store.gone(['made-room', 'thrown', 'kept', 'other'])).toEqual(new Map([['made-room', 'evicted'], ['thrown', 'removed']]))
})
