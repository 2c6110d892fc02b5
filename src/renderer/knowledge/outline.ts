/** Sets of any size on the page: all documents as rows, in pieces; a document's parts once it is opened. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import type { NodeId, Selection } from '../../shared/knowledge'
import type { DocumentDetail, DocumentOutline, Selected, SetOutline } from '../../shared/outline'
import { client, trpc } from '../rpc/client'

/** Documents that one answer brings: more would keep the workbench and the page busy too long at a time. */
const PIECE = 2000

/** The whole outline of a set; an empty id: of none. */
export function useOutline(set: string) {
  return useQuery({
    // Below the procedure's own key, so that whoever has sets read again has this read again.
    queryKey: [...trpc.sets.outline.queryKey({ set }), 'whole'],
    queryFn: ({ signal }) => wholeOutline(set, signal),
    enabled: set !== '',
    structuralSharing: false,
  })
}

async function wholeOutline(set: string, signal: AbortSignal): Promise<SetOutline> {
  const read = async (offset: number): Promise<SetOutline> =>
    await client.sets.outline.query({ set, page: { offset, limit: PIECE } }, { signal })
  const first = await read(0)
  const rows: DocumentOutline[] = [...first.rows]
  while (rows.length < first.documents) {
    const { rows: more } = await read(rows.length)
    if (more.length === 0) break
    rows.push(...more)
  }
  return { ...first, rows }
}

/** Documents that are open, as far as they are read. */
export function useDetails(ids: readonly NodeId[]): ReadonlyMap<NodeId, DocumentDetail> {
  return useQueries({
    queries: ids.map((id) => trpc.documents.show.queryOptions({ id })),
    combine: byId,
  })
}

function byId(results: readonly { readonly data?: DocumentDetail | undefined }[]): ReadonlyMap<NodeId, DocumentDetail> {
  return new Map(results.flatMap(({ data }) => (data ? [[data.id, data] as const] : [])))
}

/** What a selection takes, summed by the workbench; while it is summed anew, the sums before, which are not `fresh`. */
export function useSelected(set: string, selection: Selection): { readonly sums: Selected | undefined; readonly fresh: boolean } {
  const { data, isPlaceholderData } = useQuery(
    trpc.sets.selected.queryOptions({ set, selection }, { enabled: set !== '', placeholderData: keepPreviousData }),
  )
  return { sums: data, fresh: data !== undefined && !isPlaceholderData }
}

/** The document that a node belongs to. */
export function documentOf(id: NodeId): NodeId {
  return id.split('.', 1)[0] ?? id
}
