/** A store whose process is killed at random instants, again and again: nothing that was reported done is missing. */
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openStore, type Store } from '../../src/main/store/store'
import { forkTypeScript } from '../helpers/fork-typescript'
import { tempFolder } from '../helpers/temp-folder'
import type { Done } from './busy-writer'
import { digestOf } from './objects'

const KILLS = 200
const SCRIPT = join(import.meta.dirname, 'busy-writer.ts')

/** What must be there, as far as the writer was told before it died. */
class Promised {
  readonly keys = new Set<string>()
  readonly documents = new Map<string, string | null>()

  take(done: Done): void {
    if (done.kind === 'document') this.documents.set(done.origin, done.digest)
    else if (done.kind === 'there') for (const key of done.keys) this.keys.add(key)
    else for (const key of done.keys) this.keys.delete(key)
  }
}

async function killed(folder: string, round: number, promised: Promised): Promise<void> {
  const child = forkTypeScript(SCRIPT, [folder, `r${round}-`])
  child.on('message', (done: Done) => promised.take(done))
  const exit = once(child, 'exit')
  // From its first report on it is at work.
  await Promise.race([once(child, 'message'), exit])
  await sleep(Math.random() * 60)
  child.kill('SIGKILL')
  const [code] = (await exit) as [number | null]
  expect(code, 'killed, not ended').toBeNull()
}

/** Every row names a whole file with its bytes; no file is there without a row. */
async function expectSound(store: Store, folder: string): Promise<void> {
  expect(store.sql.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
  const copies = store.copies(store.keys())
  for (const { key, profile, object } of copies) {
    await using lease = await store.open([key], profile)
    expect(lease.damaged.size, `${key} as ${profile}`).toBe(0)
    expect(digestOf(await readFile(lease.files.get(key)?.path ?? ''))).toBe(object)
  }
  await store.upkeep.collect()
  const rows = new Set([
    ...copies.map(({ object }) => object),
    ...store.sql.all<{ object: string }>('SELECT object FROM trash').map(({ object }) => object),
  ])
  const names = await readdir(join(folder, 'objects'), { recursive: true })
  const files = names.flatMap((name) => /([0-9a-f]{64})\.kvo$/.exec(name)?.[1] ?? [])
  expect(new Set(files)).toEqual(rows)
  expect(await readdir(join(folder, 'objects', 'staging'))).toEqual([])
}

it(`survives ${KILLS} kills`, async () => {
  await using folder = await tempFolder()
  const promised = new Promised()
  for (let round = 0; round < KILLS; round++) {
    await killed(folder.path, round, promised)
    await using store = await openStore(folder.path)
    expect([...promised.keys].filter((key) => !store.has(key)), `round ${round}`).toEqual([])
    for (const [origin, digest] of promised.documents) {
      if (digest === null) continue
      const row = store.sql.get<{ digest: string }>(
        `SELECT digest FROM versions JOIN documents ON document_id = documents.id
         WHERE origin = ? AND is_current = 1`,
        [origin],
      )
      expect(row?.digest, origin).toBe(digest)
    }
    await expectSound(store, folder.path)
  }
}, 1_200_000)
