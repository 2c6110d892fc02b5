/** A cache's drawing as it is asked for: at once where there is little to compute, else when a person says so; and what of it is zoomed to. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CacheDetail, CacheDrawing } from '../../../shared/upkeep'
import { trpc } from '../../rpc/client'
import type { TokenRange } from './heat-map'

/** So many tokens are computed without being asked. */
const SMALL = 4000

export interface DrawingView {
  readonly data: CacheDrawing | undefined
  readonly error: { readonly message: string } | null
  readonly isFetching: boolean
  /** Of full prefill, to compare with. */
  readonly tokens: number
  readonly isAsked: boolean
  readonly ask: () => void
  /** What is shown of `data`; null: all of it. */
  readonly range: TokenRange | null
  readonly isZoomed: boolean
  readonly zoom: (range: TokenRange | null) => void
}

export function useDrawing(cache: CacheDetail, question: string): DrawingView {
  const tokens = cache.tokens + (cache.front.kind === 'unknown' ? 0 : cache.front.tokens)
  const [isAsked, setAsked] = useState(tokens <= SMALL)
  const [range, setRange] = useState<TokenRange | null>(null)
  const [coarse, setCoarse] = useState<TokenRange | null>(null)
  // What comes in cells of one token each is cut here; cells of several are asked for anew.
  const options = { ...(question !== '' && { question }), ...(coarse && { from: coarse.from, to: coarse.to }) }
  const { data, error, isFetching } = useQuery(
    trpc.store.draw.queryOptions({ key: cache.key, options }, { enabled: isAsked && cache.copies.length > 0, staleTime: Infinity }),
  )
  const zoom = (next: TokenRange | null): void => {
    const mustAsk = data !== undefined && (data.tokensPerCell > 1 || coarse !== null)
    setRange(mustAsk ? null : next)
    setCoarse(mustAsk ? next : null)
  }
  return { data, error, isFetching, tokens, isAsked, ask: () => setAsked(true), range, isZoomed: range !== null || coarse !== null, zoom }
}
