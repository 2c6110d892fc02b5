import { useQuery } from '@tanstack/react-query'
import { trpc } from '../rpc/client'
import { bytes } from '../ui/format'

/** Behind a count of cached chunks: their bytes. Of a large set the sum takes a while: it comes when it is there. */
export function CacheBytes({ set, cached }: { readonly set: string; readonly cached: number }) {
  const { data } = useQuery(trpc.sets.cacheBytes.queryOptions({ set }, { enabled: cached > 0, staleTime: 30_000 }))
  return data === undefined ? null : <> · {bytes(data)}</>
}
