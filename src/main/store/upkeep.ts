/** Looking after the store: quota and eviction, clean-ups with a trash, and what crashes left behind. */
import { WorkbenchError } from '../../shared/errors'
import type { Profile } from '../../shared/profile'
import type { CleanFilter, CleanPreview, StoreStats, TrashBatch } from '../../shared/upkeep'
import type { Codebooks } from './codebooks'
import type { Copies } from './copies'
import type { Leases } from './leases'
import type { ObjectFiles } from './objects'
import { cacheRows } from './pages'
import { keyList, type Sql } from './sql'
import type { Trash } from './trash'

export interface UpkeepParts {
  readonly sql: Sql
  readonly files: ObjectFiles
  readonly codebooks: Codebooks
  readonly leases: Leases
  readonly copies: Copies
  readonly trash: Trash
  /** Removes the files of those that no row names. */
  readonly removeUnused: (objects: readonly string[]) => void
}

/** A copy that may go. */
interface Candidate {
  readonly key: string
  readonly profile: Profile
  readonly object: string
  readonly bytes: number
  readonly computeMs: number
  /** Copies beside it. */
  readonly others: number
  readonly value: number
}

const DAY_MS = 24 * 60 * 60 * 1000
/** What a use counts is halved with every so many days that it lies back. */
const HALF_LIFE_DAYS = 30
/** What a build has just made does not go to make room for its next chunk. */
const FRESH_MS = 60 * 60 * 1000
/** Room is made for more than the next chunk. */
const DOWN_TO = 0.97
/** How long what was thrown away can be brought back, where nobody empties the trash. */
export const CACHE_TRASH_DAYS = 7
/** How long a damaged file is kept for whoever wants to look at it. */
const SET_ASIDE_DAYS = 30
const QUOTA = 'quota'
const COLLECTED = 'collected'
const SET = 'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value'

/** Recompute cost x use / bytes. */
const VALUED = `
  SELECT copies.key, copies.profile, copies.object, copies.bytes, entries.compute_ms AS computeMs,
    (SELECT count(*) - 1 FROM copies AS other WHERE other.key = copies.key) AS others,
    entries.compute_ms * (1 + entries.hits)
      * pow(0.5, (julianday('now') - julianday(coalesce(entries.used_at, entries.created_at))) / ${HALF_LIFE_DAYS})
      / copies.bytes AS value
  FROM copies JOIN entries ON entries.key = copies.key
  WHERE entries.pinned = 0`

export class Upkeep {
  readonly #parts: UpkeepParts

  constructor(parts: UpkeepParts) {
    this.#parts = parts
  }

  stats(): StoreStats {
    const { sql } = this.#parts
    const profiles = sql.all<StoreStats['profiles'][number]>(
      'SELECT profile, count(*) AS copies, sum(bytes) AS bytes FROM copies GROUP BY profile ORDER BY bytes DESC',
    )
    const counts = sql.get<{ entries: number; pinned: number; quarantined: number; copies: number; bytes: number }>(
      `SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM entries WHERE pinned = 1) AS pinned,
         (SELECT count(*) FROM quarantine) AS quarantined, (SELECT count(*) FROM trash) AS copies,
         (SELECT coalesce(sum(bytes), 0) FROM trash) AS bytes`,
    )
    return {
      entries: counts?.entries ?? 0,
      bytes: profiles.reduce((sum, { bytes }) => sum + bytes, 0),
      quarantined: counts?.quarantined ?? 0,
      pinned: counts?.pinned ?? 0,
      profiles,
      trash: { copies: counts?.copies ?? 0, bytes: counts?.bytes ?? 0 },
      quota: this.quota(),
    }
  }

  /** Most bytes of all copies; null: no limit. */
  quota(): number | null {
    const row = this.#parts.sql.get<{ value: string }>('SELECT value FROM settings WHERE name = ?', [QUOTA])
    return row ? (JSON.parse(row.value) as number) : null
  }

  /** Makes room at once, and keeps it from now on. @throws store.full where what may go is too little; nothing has changed then */
  setQuota(bytes: number | null): void {
    const { sql } = this.#parts
    this.makeRoom(bytes)
    if (bytes === null) sql.run('DELETE FROM settings WHERE name = ?', [QUOTA])
    else sql.run(SET, [QUOTA, JSON.stringify(bytes)])
  }

  /**
   * Removes what is least worth keeping until the quota holds, never what is pinned, being read or just made.
   * @throws store.full where that is too little
   */
  makeRoom(quota = this.quota()): void {
    if (quota === null) return
    const { sql } = this.#parts
    // What is there only to be coded goes by itself in a moment.
    const used =
      sql.get<{ bytes: number }>('SELECT coalesce(sum(bytes), 0) AS bytes FROM copies WHERE temporary = 0')?.bytes ?? 0
    if (used <= quota) return
    const made = new Date(Date.now() - FRESH_MS).toISOString()
    const candidates = leastFirst(sql.all<Candidate>(`${VALUED} AND temporary = 0 AND copies.made_at < ?`, [made]))
    const freed = this.#evict(candidates, { least: used - quota, wanted: used - quota * DOWN_TO })
    if (freed !== null) return
    throw new WorkbenchError(
      'store.full',
      { id: 'store.quota', params: { quota, used } },
    )
  }

  /** What a clean-up would take. `keys`: of the filter's set. */
  preview(filter: CleanFilter, keys: readonly string[] | null): CleanPreview {
    return this.#summary(this.#matching(filter, keys), filter.rows)
  }

  /** Throws away what fits, as one batch that can be brought back. */
  clean(filter: CleanFilter, keys: readonly string[] | null): CleanPreview & { readonly batch: number | null } {
    const found = this.#matching(filter, keys)
    const summary = this.#summary(found, filter.rows)
    if (found.length === 0) return { ...summary, batch: null }
    const { sql, trash, copies } = this.#parts
    const batch = sql.transaction(() => {
      const put = trash.put(found)
      copies.markGone(found.map(({ key }) => key), 'removed')
      return put
    })
    return { ...summary, batch }
  }

  /** Puts every copy of caches into the trash, pinned ones too, to be brought back soon. @returns the batch */
  putAway(keys: readonly string[]): number | null {
    const all = this.#parts.copies.list(keys)
    return all.length === 0 ? null : this.#parts.trash.put(all)
  }

  trashed(): TrashBatch[] {
    return this.#parts.trash.batches()
  }

  /** @returns how many copies came back */
  restore(batch: number): number {
    const { restored, unneeded } = this.#parts.trash.restore(batch)
    this.#parts.removeUnused(unneeded)
    this.makeRoom()
    return restored
  }

  /** Removes for good what was thrown away, at least so many days ago. */
  emptyTrash(days = 0): void {
    this.#parts.removeUnused(this.#parts.trash.empty(new Date(Date.now() - days * DAY_MS)))
  }

  /** Removes one batch for good. */
  dropBatch(batch: number): void {
    this.#parts.removeUnused(this.#parts.trash.drop(batch))
  }

  /** `collect`, where that was not done within the last day. */
  async collectIfDue(): Promise<void> {
    const { sql } = this.#parts
    const last = sql.get<{ value: string }>('SELECT value FROM settings WHERE name = ?', [COLLECTED])
    if (last && Date.now() - (JSON.parse(last.value) as number) < DAY_MS) return
    sql.run(SET, [COLLECTED, JSON.stringify(Date.now())])
    await this.collect()
  }

  /** Clears what crashed writers left behind, old trash, and copies made only to be coded. @returns files removed */
  async collect(): Promise<number> {
    const { files, copies, codebooks, leases } = this.#parts
    let removed = await files.sweepStaging()
    this.emptyTrash(CACHE_TRASH_DAYS)
    copies.forgetSetAside(new Date(Date.now() - SET_ASIDE_DAYS * DAY_MS))
    for (const object of await files.allSetAside()) {
      if (copies.isSetAside(object)) continue
      await files.removeSetAside(object)
      removed += 1
    }
    this.#dropAbandoned()
    for await (const object of files.all()) {
      if (copies.isReferenced(object)) continue
      // What another process is taking in just now is held.
      removed += leases.withFree([object], ([free]) => {
        if (free === undefined || copies.isReferenced(free)) return 0
        files.remove(free)
        return 1
      })
    }
    return removed + (await codebooks.sweep())
  }

  /** F16 copies that a build made to code them, and that no build has come back for. */
  #dropAbandoned(): void {
    const { sql, copies, removeUnused } = this.#parts
    const before = new Date(Date.now() - DAY_MS).toISOString()
    const left = sql.all<{ key: string; profile: Profile }>(
      'SELECT key, profile FROM copies WHERE temporary = 1 AND made_at < ?',
      [before],
    )
    removeUnused(copies.remove(left))
  }

  /** @returns bytes freed; null, and nothing went, where those that nobody holds come to less than the least */
  #evict(
    candidates: readonly Candidate[],
    { least, wanted }: { readonly least: number; readonly wanted: number },
  ): number | null {
    const { sql, copies, files, leases } = this.#parts
    // Two keys may share an object: what remains referenced stays.
    return leases.withFree(candidates.map(({ object }) => object), (free) => {
      const isFree = new Set(free)
      const going = enough(candidates.filter(({ object }) => isFree.has(object)), wanted)
      const freed = going.reduce((sum, { bytes }) => sum + bytes, 0)
      if (freed < least) return null
      sql.transaction(() => {
        copies.remove(going)
        copies.markGone(going.map(({ key }) => key), 'evicted')
      })
      for (const { object } of going) if (!copies.isReferenced(object)) files.remove(object)
      return freed
    })
  }

  #summary(candidates: readonly Candidate[], rows: number): CleanPreview {
    const shown = candidates.slice(0, rows)
    const caches = new Map(cacheRows(this.#parts.sql, [...new Set(shown.map(({ key }) => key))]).map((row) => [row.key, row]))
    const areGone = goneOf(candidates)
    return {
      copies: candidates.length,
      bytes: candidates.reduce((sum, { bytes }) => sum + bytes, 0),
      caches: areGone.size,
      recomputeMs: [...areGone.values()].reduce((sum, ms) => sum + ms, 0),
      rows: shown.flatMap(({ key, profile, bytes, computeMs }) => {
        const cache = caches.get(key)
        if (!cache) return []
        const { usedAt, createdAt, hits, place } = cache
        return [{ key, profile, bytes, stays: !areGone.has(key), computeMs, usedAt, createdAt, hits, place }]
      }),
    }
  }

  #matching(filter: CleanFilter, keys: readonly string[] | null): Candidate[] {
    const conditions: string[] = []
    const parameters: (string | number)[] = []
    const add = (condition: string, ...values: (string | number)[]): void => {
      conditions.push(condition)
      parameters.push(...values)
    }
    if (keys) add('entries.key IN (SELECT value FROM json_each(?))', keyList(keys))
    if (filter.profile) add('copies.profile = ?', filter.profile)
    if (filter.unusedDays !== undefined)
      add(
        'max(coalesce(entries.used_at, entries.created_at), copies.made_at) <= ?',
        new Date(Date.now() - filter.unusedDays * DAY_MS).toISOString(),
      )
    if (filter.unreferenced) add(
        `NOT EXISTS (SELECT 1 FROM chunks JOIN versions ON versions.id = version_id AND is_current = 1
           JOIN documents ON documents.id = document_id AND documents.removed_at IS NULL
           JOIN sets ON sets.id = set_id AND sets.removed_at IS NULL
           WHERE chunks.token_digest = entries.token_digest)`,
      )
    const where = conditions.map((condition) => ` AND ${condition}`).join('')
    const found = this.#parts.sql.all<Candidate>(`${VALUED}${where}`, parameters)
    const wanted = leastFirst(filter.duplicates ? spare(found) : found)
    return filter.bytes === undefined ? wanted : enough(wanted, filter.bytes)
  }
}

/** Least worth keeping first: a copy beside another costs nothing but its exactness; the largest of these come first. */
function leastFirst(candidates: readonly Candidate[]): Candidate[] {
  const duplicates = new Set(spare(candidates))
  return [
    ...[...duplicates].toSorted((a, b) => b.bytes - a.bytes),
    ...candidates.filter((each) => !duplicates.has(each)).toSorted((a, b) => a.value - b.value),
  ]
}

/** Of each cache that has several copies, all but the smallest. */
function spare(candidates: readonly Candidate[]): Candidate[] {
  return [...Map.groupBy(candidates, ({ key }) => key).values()].flatMap((copies) => {
    const bySize = copies.toSorted((a, b) => b.bytes - a.bytes)
    const areAll = copies.length > (copies[0]?.others ?? 0)
    return areAll ? bySize.slice(0, -1) : bySize
  })
}

/** The first of them that come to so many bytes. */
function enough(candidates: readonly Candidate[], bytes: number): Candidate[] {
  let sum = 0
  return candidates.filter((candidate) => {
    const isNeeded = sum < bytes
    sum += candidate.bytes
    return isNeeded
  })
}

/** Caches that would have no copy left, and the time it took to compute each. */
function goneOf(candidates: readonly Candidate[]): Map<string, number> {
  const gone = [...Map.groupBy(candidates, ({ key }) => key)].filter(
    ([, copies]) => copies.length > (copies[0]?.others ?? 0),
  )
  return new Map(gone.map(([key, [first]]) => [key, first?.computeMs ?? 0]))
}
