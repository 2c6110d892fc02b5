/** Where the page is: a path in the address's hash, such as `#/library/set1`, so that links and going back work in every face. */
import { useMemo } from 'react'
import { navigate, useHashLocation } from 'wouter/use-hash-location'
import { PAGES, type PageId } from './pages'

export interface Place {
  readonly page: PageId
  /** What stands behind the page's name, decoded. */
  readonly rest: readonly string[]
}

/** Paths that lead to a page by what they show. */
const ALIASES: Readonly<Record<string, readonly [page: string, ...rest: string[]]>> = {
  query: ['ask', 'query'],
  cache: ['caches', 'cache'],
}

/** Where a window begins that says nothing else. */
const START: PageId = 'home'

function placeOf(path: string): Place {
  const [first = '', ...others] = path.split('?', 1)[0]?.split('/').filter(Boolean).map(decoded) ?? []
  const [name, ...rest] = ALIASES[first] ? [...ALIASES[first], ...others] : [first, ...others]
  const page = PAGES.find(({ id }) => id === name)
  return page ? { page: page.id, rest } : { page: START, rest: [] }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    // A link that somebody has cut in the middle of an escape.
    if (error instanceof URIError) return part
    throw error
  }
}

export function usePlace(): Place {
  const [path] = useHashLocation()
  return useMemo(() => placeOf(path), [path])
}

/** Goes to a path such as `/ask/set1`; `replace`: going back leads past it. */
export function go(path: string, options?: { readonly replace?: boolean }): void {
  navigate(path, options)
}

export function useGo(): typeof go {
  return go
}

/** For a link's `href`. */
export function hrefTo(path: string): string {
  return `#${path}`
}
