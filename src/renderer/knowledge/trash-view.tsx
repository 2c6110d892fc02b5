/** What was removed: documents, sets, caches; brought back, or removed for good after a question. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import type { TrashItem } from '../../shared/trash'
import { client, queryClient, trpc } from '../rpc/client'
import { useCommands } from '../shell/commands'
import { toast } from '../shell/undo'
import { strings } from '../strings'
import { day, moment } from '../ui/dates'
import { Empty } from '../ui/empty'
import { failureOf } from '../ui/failure'
import { bytes } from '../ui/format'
import { Modal } from '../ui/modal'
import { Notice } from '../ui/notice'
import './trash.css'

const texts = strings.trash
const ROW_PX = 36

export function TrashView() {
  const [asking, setAsking] = useState<readonly TrashItem[] | null>(null)
  const list = useQuery(trpc.trash.list.queryOptions(undefined, { refetchOnMount: 'always' }))
  const items = list.data ?? []
  const restore = useMutation({
    mutationFn: async (item: TrashItem) => {
      await client.trash.restore.mutate({ ids: [item.id] })
      await queryClient.invalidateQueries()
      toast(texts.restored(nameOf(item)))
    },
  })
  const empty = useMutation({
    mutationFn: async (going: readonly TrashItem[]) => {
      await client.trash.empty.mutate({ ids: going.map(({ id }) => id) })
      setAsking(null)
      await queryClient.invalidateQueries()
    },
  })
  useCommands([{ id: 'trash.empty', title: texts.empty, disabled: items.length === 0, run: () => setAsking(items) }])
  const error = list.error ?? restore.error ?? empty.error
  return (
    <section className="trash" aria-label={texts.title}>
      <div className="line wrap">
        <span className="dim">{texts.hint}</span>
        {items.length > 0 && (
          <button type="button" className="button small push" onClick={() => setAsking(items)}>
            {texts.empty}
          </button>
        )}
      </div>
      {error && <Notice failure={failureOf(error)} />}
      {list.data && items.length === 0 && <Empty title={texts.emptyTitle} hint={texts.emptyHint} />}
      {items.length > 0 && (
        <Rows items={items} isBusy={restore.isPending} restore={(item) => restore.mutate(item)} drop={(item) => setAsking([item])} />
      )}
      {asking && (
        <Modal title={texts.confirmTitle} onClose={() => setAsking(null)}>
          <p>{texts.confirm(asking.length, bytes(asking.reduce((sum, item) => sum + item.bytes, 0)))}</p>
          <div className="line" style={{ marginTop: 12 }}>
            <button type="button" className="button push" onClick={() => setAsking(null)}>
              {texts.keep}
            </button>
            <button type="button" className="button danger" disabled={empty.isPending} onClick={() => empty.mutate(asking)}>
              {texts.confirmed}
            </button>
          </div>
        </Modal>
      )}
    </section>
  )
}

interface RowsProps {
  readonly items: readonly TrashItem[]
  readonly isBusy: boolean
  readonly restore: (item: TrashItem) => void
  readonly drop: (item: TrashItem) => void
}

const COLUMNS = ['what', 'from', 'size', 'removedAt', 'expiresAt', 'actions'] as const

function Rows({ items, isBusy, restore, drop }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- its functions are called in this component alone
  const rows = useVirtualizer({ count: items.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 10 })
  return (
    <div ref={scroller} className="trash-rows" role="table" aria-label={texts.table} aria-rowcount={items.length + 1}>
      <div role="rowgroup">
        <div className="trash-row head" role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <span key={column} role="columnheader" className={column === 'actions' ? 'hidden-text' : column}>
              {texts[column]}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const item = items[index]
          if (!item) return null
          const style = { height: ROW_PX, transform: `translateY(${start}px)` }
          return (
            <div key={item.id} className="trash-row body" role="row" aria-rowindex={index + 2} style={style}>
              <Cells item={item} isBusy={isBusy} restore={restore} drop={drop} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Cells({ item, isBusy, restore, drop }: Omit<RowsProps, 'items'> & { readonly item: TrashItem }) {
  const { kind, source, set } = item
  const name = nameOf(item)
  const from = set ? (set.removed ? texts.setRemoved(set.name) : set.name) : ''
  return (
    <>
      <span role="cell" className="what" title={source ?? name}>
        <span className="kind">{texts.kinds[kind]}</span>
        <bdi className="clip">{name}</bdi>
      </span>
      <span role="cell" className="clip" title={from}>
        <bdi>{from}</bdi>
      </span>
      <span role="cell" className="size">
        {bytes(item.bytes)}
      </span>
      <span role="cell">{moment(item.removedAt)}</span>
      <span role="cell">{day(item.expiresAt)}</span>
      <span role="cell" className="line">
        <button
          type="button"
          className="button small"
          disabled={isBusy || set?.removed === true}
          aria-label={texts.restoreOne(name)}
          onClick={() => restore(item)}
        >
          {texts.restore}
        </button>
        <button type="button" className="link" aria-label={texts.dropOne(name)} onClick={() => drop(item)}>
          {texts.drop}
        </button>
      </span>
    </>
  )
}

function nameOf({ kind, name, count }: TrashItem): string {
  if (kind === 'caches') return texts.caches(count)
  return kind === 'set' ? texts.set(name ?? '', count) : (name ?? '')
}
