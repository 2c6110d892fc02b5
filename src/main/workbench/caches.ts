/** Looking at caches one by one or many at once, and what is done with those that were chosen. */
import { WorkbenchError } from '../../shared/errors'
import type { KnownModel, Workbench } from '../../shared/workbench'
import {
  cachePage,
  chosenCaches,
  type CacheFilter,
  type CacheRow,
  type ChosenCachesInput,
  type ScrubResult,
} from '../../shared/upkeep'
import { codeMissing, formOf } from '../build/coded'
import { parseNodeId } from '../documents/node-id'
import { damageOf, findText, keysOfText, knownCaches, pinnedOf, usesOf, type KnownCache } from '../store/cache-facts'
import { cacheRows, CachePages, placesOf, type PageFilter } from '../store/pages'
import { drawCache } from './draw-cache'
import { frontOf } from './cache-front'
import { rebuildJob } from './rebuild-job'
import { scrubJob } from './scrub-job'
import type { StoreCareParts } from './store-care'

type CacheCalls = Pick<Workbench['store'], 'list' | 'cache' | 'draw' | 'chosen'>

/** `scrubs`: what scrub jobs found, by job. */
export function cacheCalls(parts: StoreCareParts, scrubs: Map<string, ScrubResult>): CacheCalls {
  const { store, engine, jobs, sets } = parts
  const pages = new CachePages(store.sql)

  const pageFilter = async ({ set: wanted, document, ...rest }: CacheFilter): Promise<PageFilter> => {
    const page = { ...rest, document: document === undefined ? null : parseNodeId(document).document }
    if (wanted === undefined) return { ...page, set: null }
    const set = sets.find(wanted)
    const { identity, tokenizer } = await parts.openModel(set.model)
    return { ...page, set: { set: set.row, tokenizer: tokenizer.digest, model: identity.fingerprint } }
  }

  const keysOf = async (input: ChosenCachesInput): Promise<readonly string[]> => {
    const chosen = chosenCaches.parse(input)
    return 'keys' in chosen ? [...new Set(chosen.keys)] : pages.keys(await pageFilter(chosen.filter))
  }

  /** With what the engine keeps in memory now; it is not started for that. */
  const withMemory = async (rows: readonly Omit<CacheRow, 'memoryBytes'>[]): Promise<CacheRow[]> => {
    const isKeeping = (engine.status().memory?.layers ?? 0) > 0
    const kept = rows.length > 0 && isKeeping ? await engine.call('kept', {}) : []
    const bytes = Map.groupBy(kept, ({ key }) => key)
    return rows.map((row) => ({
      ...row,
      memoryBytes: (bytes.get(row.key) ?? []).reduce((sum, each) => sum + each.bytes, 0),
    }))
  }

  return {
    list: async (input = {}) => {
      const { sort, descending, limit, offset, ...filter } = cachePage.parse(input)
      const order = sort ?? (filter.set === undefined ? 'use' : 'document')
      const found = await pageFilter(filter)
      const page = pages.page(found, { sort: order, descending: descending ?? order !== 'document' }, { limit, offset })
      return { ...page, rows: await withMemory(page.rows) }
    },

    cache: async (key) => {
      const [known] = knownCaches(store.sql, [key])
      const [row] = await withMemory(cacheRows(store.sql, [key]))
      if (!known || !row) throw noCache(key)
      const model = modelOf(parts, known.model)
      const others = keysOfText(store.sql, known.digest).filter((each) => each !== key)
      return {
        ...row,
        model: model && { id: model.id, name: model.name },
        fingerprint: known.model,
        chain: known.chain,
        front: model ? await frontOf(parts, await parts.openModel(model.id), known) : { kind: 'unknown' },
        tokenDigest: known.digest,
        text: findText(store.sql, known.digest)?.text ?? null,
        copies: store.copies([key]).map(({ profile, bytes, codebook, object, madeAt, temporary }) => ({
          profile,
          bytes,
          codebook: codebook === '' ? null : codebook,
          object,
          madeAt,
          temporary,
        })),
        damaged: damageOf(store.sql, key),
        stands: placesOf(store.sql, known.digest, { model: known.model }),
        variants: await withMemory(cacheRows(store.sql, others)),
        uses: usesOf(store.sql, known.digest, known.kind),
      }
    },

    draw: async (key, input = {}, { signal } = {}) => {
      const [known] = knownCaches(store.sql, [key])
      if (!known) throw noCache(key)
      const model = modelOf(parts, known.model)
      if (!model)
        throw new WorkbenchError(
          'not-found',
          { id: 'cache.no-model', params: { model: known.model.slice(0, 8) } },
        )
      return await drawCache(parts, { cache: known, model: await parts.openModel(model.id), input, signal })
    },

    chosen: {
      verify: async (input) => {
        const keys = await keysOf(input)
        const { request, result } = scrubJob({ store, engine, set: null, keys, chosen: keys.length })
        const job = jobs.start(request)
        scrubs.set(job.id, result)
        return job
      },
      pin: async (input, pinned) => store.pin(await keysOf(input), pinned),
      evict: async (input) => {
        const keys = await keysOf(input)
        const pinned = pinnedOf(store.sql, keys)
        const { rows: _, ...gone } = store.upkeep.clean({ unreferenced: false, duplicates: false, rows: 0 }, keys)
        return { ...gone, pinned }
      },
      rebuild: async (input) => {
        const caches = knownCaches(store.sql, await keysOf(input))
        return jobs.start(rebuildJob(parts, caches))
      },
      recode: async (input, profile) => {
        const caches = knownCaches(store.sql, await keysOf(input))
        const work = [...Map.groupBy(caches, ({ model }) => model)].flatMap(([fingerprint, own]) => {
          const model = modelOf(parts, fingerprint)
          return model ? [{ keys: own.map(({ key }) => key), form: formOf(store, { id: model.id, fingerprint }, profile) }] : []
        })
        return jobs.start({
          kind: 'recode',
          subject: { what: 'code', caches: caches.length, profile },
          unit: 'caches',
          set: null,
          pause: 'again',
          run: async ({ signal, report }) => {
            const sum = { coded: 0, damaged: 0, lossyOnly: 0 }
            for (const { keys, form } of work) {
              const onProgress = (done: number, total: number): void =>
                report({ step: { code: 'coding', as: profile }, done, total })
              const { coded, damaged } = await codeMissing(engine, store, { keys, form, signal, onProgress })
              sum.coded += coded
              sum.damaged += damaged
              sum.lossyOnly += keys.length - store.available(keys, ['f16', profile]).size
            }
            return { what: 'recode', ...sum, profile }
          },
        })
      },
    },
  }
}

function modelOf({ models }: StoreCareParts, fingerprint: KnownCache['model']): KnownModel | null {
  return models().find((model) => model.fingerprint === fingerprint) ?? null
}

function noCache(key: string): WorkbenchError {
  return new WorkbenchError(
    'not-found',
    { id: 'cache.unknown', params: { key } },
  )
}
