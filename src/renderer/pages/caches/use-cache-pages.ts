/** Pages of a list of caches around what is in sight; those that were read before are kept. */
import { useQueries } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import type { CachePageInput, CacheRow } from '../../../shared/upkeep'
import { client, trpc } from '../../rpc/client'

const PAGE = 100
/** Rows of one request for a range. */
const AT_ONCE = 1000

type Wanted = Omit<CachePageInput, 'limit' | 'offset'>

export interface CachePages {
  readonly total: number | undefined
  readonly bytes: number
  readonly error: unknown
  readonly rowAt: (index: number) => CacheRow | undefined
  readonly onShow: (from: number, to: number) => void
}

interface Sums {
  readonly total: number
  readonly bytes: number
}

export function useCachePages(wanted: Wanted): CachePages {
  const [shown, setShown] = useState({ first: 0, last: 0 })
  // The list keeps its length while other pages of it are read.
  const [kept, keep] = useState<Sums | null>(null)
  const numbers = Array.from({ length: shown.last - shown.first + 1 }, (_, at) => shown.first + at)
  const pages = useQueries({
    queries: numbers.map((number) => trpc.store.list.queryOptions({ ...wanted, limit: PAGE, offset: number * PAGE })),
  })
  const known = pages.find(({ data }) => data !== undefined)?.data
  if (known && (known.total !== kept?.total || known.bytes !== kept.bytes)) keep({ total: known.total, bytes: known.bytes })
  const onShow = useCallback((from: number, to: number) => {
    const next = { first: Math.floor(from / PAGE), last: Math.floor(to / PAGE) }
    setShown((before) => (before.first === next.first && before.last === next.last ? before : next))
  }, [])
  const sums = known ?? kept
  return {
    total: sums?.total,
    bytes: sums?.bytes ?? 0,
    error: pages.find(({ error }) => error !== null)?.error ?? null,
    rowAt: (index) => pages[numbers.indexOf(Math.floor(index / PAGE))]?.data?.rows[index % PAGE],
    onShow,
  }
}

/** Keys of rows [from, to], wherever they are. */
export async function keysBetween(wanted: Wanted, from: number, to: number): Promise<string[]> {
  const keys: string[] = []
  for (let offset = from; offset <= to; offset += AT_ONCE) {
    const limit = Math.min(AT_ONCE, to - offset + 1)
    const { rows } = await client.store.list.query({ ...wanted, limit, offset })
    keys.push(...rows.map(({ key }) => key))
  }
  return keys
}
