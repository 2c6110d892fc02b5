/** Documents of stores that an earlier Kvasir made. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { Library } from '../../src/main/documents/library'
import { Removed } from '../../src/main/documents/removed'
import { Sets } from '../../src/main/documents/sets'
import { MIGRATIONS } from '../../src/main/store/schema'
import { openStore } from '../../src/main/store/store'
import { tempFolder } from '../helpers/temp-folder'

/** One set with a Markdown document of two versions, its sections and chunks. */
const KNOWLEDGE = `
INSERT INTO sets (id, name, model, created_at) VALUES (1, 'Old', 'm', '2025-01-01T00:00:00.000Z');
INSERT INTO documents (id, set_id, origin, source, format) VALUES (7, 1, '/a.md', 'a.md', 'markdown');
INSERT INTO versions (id, document_id, number, is_current, digest, bytes, title, imported_at, body) VALUES
  (1, 7, 1, 0, 'x', 4, 'A', '2025-01-01T00:00:00.000Z', '# A' || char(10)),
  (2, 7, 2, 1, 'y', 12, 'B', '2025-01-02T00:00:00.000Z', '# B' || char(10) || char(10) || 'Trains.' || char(10));
INSERT INTO sections VALUES (1, 1, 'A', 1, 0, 4), (2, 1, 'B', 1, 0, 13);
INSERT INTO chunkings VALUES (2, 't');
INSERT INTO chunks VALUES (2, 't', 0, 1, 1, 0, 13, 'd', 1, 'Trains.', x'01000000');
`

/** A store as version `version` left it. */
function oldStore(folder: string, version: number): void {
  const old = new Database(join(folder, 'index.sqlite'))
  for (const migration of MIGRATIONS.slice(0, version)) old.exec(migration)
  old.exec(KNOWLEDGE)
  old.pragma(`user_version = ${version}`)
  old.close()
}

it.each([1, 2])('documents of a store of version %i stay whole, and new kinds of them are taken', async (version) => {
  await using folder = await tempFolder()
  oldStore(folder.path, version)
  await using store = await openStore(folder.path)
  const library = new Library(store.sql)
  expect(library.list(1)).toMatchObject([{ id: 7, format: 'markdown', version: 2, title: 'B' }])
  for (const [table, count] of Object.entries({ versions: 2, sections: 2, chunkings: 1, chunks: 1 }))
    expect(store.sql.get(`SELECT count(*) AS count FROM ${table}`)).toEqual({ count })
  expect(store.sql.all('PRAGMA foreign_key_check')).toEqual([])
  const pdf = { origin: '/b.pdf', source: 'b.pdf', format: 'pdf', digest: 'z', bytes: 9, text: 'One.\n\nTwo.\n' } as const
  await library.import(1, { ...pdf, places: [{ start: 0, page: 1 }, { start: 6, page: 3 }] })
  const { id, versionRow } = library.list(1)[1] ?? { id: 0, versionRow: 0 }
  expect(library.places(versionRow)).toEqual([{ start: 0, page: 1 }, { start: 6, page: 3 }])
  const unknown = (): unknown =>
    store.sql.run("INSERT INTO documents (set_id, origin, source, format) VALUES (1, '/c', 'c', 'odt')")
  expect(unknown).toThrow('CHECK')
  const removed = new Removed(store.sql, new Sets(store.sql))
  removed.removeDocuments([id])
  removed.empty(new Date())
  expect(store.sql.get('SELECT count(*) AS count FROM pages')).toEqual({ count: 0 })
})
