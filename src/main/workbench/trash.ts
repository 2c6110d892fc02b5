/** One list of all that was removed: sets, documents, batches of caches. */
import { WorkbenchError } from '../../shared/errors'
import type { TrashItem } from '../../shared/trash'
import type { KnownModel, Workbench } from '../../shared/workbench'
import { documentId } from '../documents/node-id'
import type { Removed, RemovedSet } from '../documents/removed'
import type { Store } from '../store/store'
import { CACHE_TRASH_DAYS } from '../store/upkeep'

/** How long sets and documents can be brought back. Caches can be computed again, and are large: they go earlier. */
const TRASH_DAYS = 30
const DAY_MS = 24 * 60 * 60 * 1000

interface TrashParts {
  readonly store: Store
  readonly removed: Removed
}

interface TrashCareParts extends TrashParts {
  readonly models: () => readonly Pick<KnownModel, 'id'>[]
}

export function trashCare({ store, removed, models }: TrashCareParts): Workbench['trash'] {
  const { upkeep } = store
  return {
    list: () => trashItems({ store, removed }),
    restore: async (ids) => {
      const { sets, documents, batches } = sorted(ids)
      assertBatches(store, batches)
      assertModels(removed.sets().filter(({ id }) => sets.includes(id)), models())
      // Sets first: their documents may be among the rest.
      for (const set of sets) removed.restoreSet(set)
      removed.restoreDocuments(documents)
      for (const batch of batches) upkeep.restore(batch)
    },
    empty: async (ids) => {
      if (ids === undefined) {
        const items = trashItems({ store, removed })
        removed.empty(new Date())
        upkeep.emptyTrash()
        return items
      }
      const items = trashItems({ store, removed }).filter(({ id }) => ids.includes(id))
      const { sets, documents, batches } = sorted(ids)
      assertBatches(store, batches)
      removed.drop({ sets, documents })
      for (const batch of batches) upkeep.dropBatch(batch)
      return items
    },
  }
}

/** Removes for good what has lain there too long. The store looks after its caches itself. */
export function emptyOldTrash(removed: Removed): void {
  removed.empty(new Date(Date.now() - TRASH_DAYS * DAY_MS))
}

/** The last removed first. */
function trashItems({ store, removed }: TrashParts): TrashItem[] {
  const sets = removed.sets().map(({ id, name, documents, bytes, removedAt }): TrashItem => {
    const dates = { removedAt, expiresAt: after(removedAt, TRASH_DAYS) }
    return { id: `set${id}`, kind: 'set', name, source: null, set: null, count: documents, bytes, ...dates }
  })
  const documents = removed.documents().map(({ id, title, source, set, setName, isSetRemoved, bytes, removedAt }): TrashItem => {
    const dates = { removedAt, expiresAt: after(removedAt, TRASH_DAYS) }
    const from = { id: `set${set}`, name: setName, removed: isSetRemoved === 1 }
    return { id: documentId(id), kind: 'document', name: title, source, set: from, count: 1, bytes, ...dates }
  })
  const caches = store.upkeep.trashed().map(({ batch, copies, bytes, trashedAt }): TrashItem => {
    const dates = { removedAt: trashedAt, expiresAt: after(trashedAt, CACHE_TRASH_DAYS) }
    return { id: `b${batch}`, kind: 'caches', name: null, source: null, set: null, count: copies, bytes, ...dates }
  })
  return [...sets, ...documents, ...caches].toSorted((a, b) => b.removedAt.localeCompare(a.removedAt))
}

function after(time: string, days: number): string {
  return new Date(Date.parse(time) + days * DAY_MS).toISOString()
}

interface Sorted {
  readonly sets: readonly number[]
  readonly documents: readonly number[]
  readonly batches: readonly number[]
}

/** @throws argument.invalid */
function sorted(ids: readonly string[]): Sorted {
  const of = (kind: string): number[] =>
    ids.flatMap((id) => (id.match(/^[a-z]+/)?.[0] === kind ? [Number(id.slice(kind.length))] : []))
  const found = { sets: of('set'), documents: of('d'), batches: of('b') }
  const strange = ids.find((id) => !/^(d|set|b)\d{1,15}$/.test(id))
  if (strange === undefined) return found
  throw new WorkbenchError('argument.invalid', `Expected an id of the trash like d3, set2 or b4 but got "${strange}".`)
}

function assertBatches(store: Store, batches: readonly number[]): void {
  const known = new Set(store.upkeep.trashed().map(({ batch }) => batch))
  const strange = batches.find((batch) => !known.has(batch))
  if (strange === undefined) return
  throw new WorkbenchError('not-found', `Expected a batch of caches in the trash but got b${strange}. \`kvasir trash list\` shows them.`)
}

/** A set without its model can be neither shown nor asked: it stays in the trash until the model is there again. */
function assertModels(sets: readonly RemovedSet[], models: readonly Pick<KnownModel, 'id'>[]): void {
  const lacking = sets.find(({ model }) => !models.some(({ id }) => id === model))
  if (!lacking) return
  const { name, model } = lacking
  throw new WorkbenchError('conflict', { id: 'trash.model-first', params: { set: name, model } })
}
