/**
 * What a person has set, kept by the workbench: it outlives this window, its port and a restart. Read once before the page
 * is shown, written a moment after each change, so that dragging a border is one write.
 */
import { useCallback } from 'react'
import { preferenceName, type Json } from '../../shared/preferences'
import { client } from '../rpc/client'
import { createStore, useStore } from '../ui/store'

const WRITE_MS = 250

const kept = createStore<{ readonly values: Readonly<Record<string, Json>> }>({ values: {} })
const unwritten = new Map<string, ReturnType<typeof setTimeout>>()

/** Which set is shown, what of it is taken, how the page is divided: two windows may differ in these. */
const OF_THIS_WINDOW = /^(set$|selection\.|layout\.)/

/** Again after a change elsewhere; what is this window's own, or on its way from here, stays. */
export async function readPreferences({ again = false }: { readonly again?: boolean } = {}): Promise<void> {
  const values = { ...(await client.preferences.all.query()) }
  const known = [...Object.keys(values), ...Object.keys(kept.get().values)]
  const ours = again ? known.filter((name) => OF_THIS_WINDOW.test(name)) : []
  for (const name of new Set([...unwritten.keys(), ...ours])) {
    const own = kept.get().values[name]
    if (own === undefined) delete values[name]
    else values[name] = own
  }
  kept.set({ values })
}

/** Calls `listener` after every change, from wherever; the result stops that. */
export const onPreferences = kept.subscribe

/** Null where it is not set. */
export function preference(name: string): Json {
  return kept.get().values[name] ?? null
}

/** Null forgets it. A failure to write it is no reason to disturb: it is tried again with the next change. */
export function setPreference(name: string, value: Json): void {
  preferenceName.parse(name)
  const { [name]: _, ...others } = kept.get().values
  kept.set({ values: value === null ? others : { ...others, [name]: value } })
  clearTimeout(unwritten.get(name))
  unwritten.set(name, setTimeout(() => void write(name), WRITE_MS))
}

async function write(name: string): Promise<void> {
  unwritten.delete(name)
  await client.preferences.set.mutate({ name, value: preference(name) }).catch(() => undefined)
}

// A page that is left writes what it still holds.
addEventListener('pagehide', () => {
  for (const [name, timer] of unwritten) {
    clearTimeout(timer)
    void write(name)
  }
})

/**
 * Whoever reads it states its type: names are this page's own. Where something else is found than `isValid` takes, by
 * default anything of the fallback's kind, the fallback holds.
 */
export function usePreference<T extends Json>(
  name: string,
  fallback: T,
  isValid: (value: Json) => boolean = (value) => typeof value === typeof fallback,
): readonly [value: T, set: (value: T) => void] {
  const value = useStore(kept, ({ values }) => values[name])
  const set = useCallback((next: T) => setPreference(name, next), [name])
  return [value !== undefined && isValid(value) ? (value as T) : fallback, set]
}
