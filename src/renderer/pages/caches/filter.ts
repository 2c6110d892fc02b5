/** What of the caches is listed, as a person sets it; remembered. */
import { CONTEXT_KINDS } from '../../../shared/knowledge'
import { PROFILES } from '../../../shared/profile'
import { CACHE_SORTS, cacheFilter, type CacheFilterInput, type CacheSort } from '../../../shared/upkeep'
import { usePreference } from '../../shell/preferences'

export const STATES = ['any', 'pinned', 'unused', 'damaged', 'duplicates', 'unreferenced'] as const
export type State = (typeof STATES)[number]

/** '' and `any`: whatever it is. */
export type ListFilter = {
  readonly set: string
  readonly title: string
  readonly kind: string
  readonly profile: string
  readonly state: State
}

export type ListSort = { readonly by: CacheSort; readonly descending: boolean }

export const ANY: ListFilter = { set: '', title: '', kind: '', profile: '', state: 'any' }
const UNUSED_DAYS = 30

export function filterInput({ set, title, kind, profile, state }: ListFilter): CacheFilterInput {
  return {
    ...(set !== '' && { set }),
    ...(title.trim() !== '' && { title: title.trim() }),
    kind: CONTEXT_KINDS.find((each) => each === kind),
    profile: PROFILES.find((each) => each === profile),
    pinned: state === 'pinned',
    damaged: state === 'damaged',
    duplicates: state === 'duplicates',
    unreferenced: state === 'unreferenced',
    ...(state === 'unused' && { unusedDays: UNUSED_DAYS }),
  }
}

export function isAny(filter: ListFilter): boolean {
  return JSON.stringify(filter) === JSON.stringify(ANY)
}

export function useListFilter() {
  return usePreference<ListFilter>('caches.filter', ANY, isListFilter)
}

export function useListSort() {
  return usePreference<ListSort>('caches.sort', { by: 'use', descending: true }, (value) => {
    const { by } = (value ?? {}) as Partial<ListSort>
    return CACHE_SORTS.some((each) => each === by)
  })
}

function isListFilter(value: unknown): boolean {
  const filter = { ...ANY, ...(typeof value === 'object' ? value : {}) }
  return STATES.includes(filter.state) && cacheFilter.safeParse(filterInput(filter)).success
}
