/**
 * Rows of a table of any length, of which those in sight are drawn, chosen like files in a folder: a click, with Ctrl/Cmd
 * one more, with Shift up to there; by keys arrows move, Shift extends, Space chooses, Ctrl/Cmd-A takes all, Enter opens.
 */
import './data-grid.css'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react'
import { strings } from '../strings'
import { Term, type TermName } from './term'

const texts = strings.grid
const ROW_PX = 28
const OVERSCAN = 8

export interface GridColumn<Row> {
  readonly id: string
  readonly title: string
  /** A track of CSS grid: `minmax(120px, 2fr)`. */
  readonly width: string
  readonly numeric?: boolean
  /** What its title means, where it is no button to sort by. */
  readonly term?: TermName
  /** Whether rows can be in its order. */
  readonly sortable?: boolean
  readonly cell: (row: Row) => ReactNode
}

export interface GridSort {
  readonly by: string
  readonly descending: boolean
}

/** What a person has chosen. `range`: both ends included; `add`: beside what was chosen before. */
export type GridChoice =
  | { readonly kind: 'one' | 'toggle'; readonly index: number }
  | { readonly kind: 'range'; readonly from: number; readonly to: number; readonly add: boolean }
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }

interface Props<Row> {
  /** Heard as its name. */
  readonly label: string
  readonly columns: readonly GridColumn<Row>[]
  readonly count: number
  /** Undefined while it is read. */
  readonly rowAt: (index: number) => Row | undefined
  readonly keyOf: (row: Row) => string
  readonly sort?: GridSort
  readonly onSort?: (sort: GridSort) => void
  readonly isChosen?: (row: Row) => boolean
  readonly onChoose?: (choice: GridChoice) => void
  readonly onOpen?: (row: Row) => void
  /** Rows [from, to] have come into sight. */
  readonly onShow?: (from: number, to: number) => void
}

export function DataGrid<Row>(props: Props<Row>) {
  const { label, columns, count, rowAt, keyOf, sort, onSort, isChosen, onChoose, onOpen, onShow } = props
  const box = useRef<HTMLDivElement>(null)
  const id = useId()
  const [active, setActive] = useState(0)
  /** Where a range began. */
  const anchor = useRef(0)
  // oxlint-disable-next-line react/incompatible-library -- its functions are called in this component alone
  const rows = useVirtualizer({ count, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: OVERSCAN })
  const shown = rows.getVirtualItems()
  const [first, last] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0]
  useEffect(() => onShow?.(first, last), [onShow, first, last])
  const current = Math.min(active, Math.max(0, count - 1))

  const moveTo = (index: number, extend: boolean): void => {
    const next = Math.max(0, Math.min(count - 1, index))
    setActive(next)
    rows.scrollToIndex(next)
    if (extend) onChoose?.({ kind: 'range', from: Math.min(anchor.current, next), to: Math.max(anchor.current, next), add: false })
    else anchor.current = next
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    // Keys of a header's button are its own.
    if (event.target !== event.currentTarget || count === 0) return
    const isMod = event.ctrlKey || event.metaKey
    const row = rowAt(current)
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / ROW_PX) - 2)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: count - 1,
    }
    const to = steps[event.key]
    if (to !== undefined && !event.altKey) moveTo(to, event.shiftKey)
    else if (event.key === ' ') {
      onChoose?.({ kind: 'toggle', index: current })
      anchor.current = current
    } else if (event.key === 'Enter' && row) onOpen?.(row)
    else if (isMod && event.key.toLowerCase() === 'a' && onChoose) onChoose({ kind: 'all' })
    else if (event.key === 'Escape' && onChoose) onChoose({ kind: 'none' })
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const onClick = (event: MouseEvent, index: number): void => {
    setActive(index)
    if (event.shiftKey) {
      onChoose?.({ kind: 'range', from: Math.min(anchor.current, index), to: Math.max(anchor.current, index), add: event.ctrlKey || event.metaKey })
      return
    }
    anchor.current = index
    onChoose?.({ kind: event.ctrlKey || event.metaKey ? 'toggle' : 'one', index })
  }
  const template = { gridTemplateColumns: `${onChoose ? '26px ' : ''}${columns.map(({ width }) => width).join(' ')}` }

  return (
    <div
      ref={box}
      className="data-grid"
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length + (onChoose ? 1 : 0)}
      aria-multiselectable={onChoose ? true : undefined}
      aria-activedescendant={count > 0 ? `${id}-${current}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div className="data-grid-head" role="row" aria-rowindex={1} style={template}>
        {onChoose && (
          <span role="columnheader">
            <span className="hidden-text">{texts.chosen}</span>
          </span>
        )}
        {columns.map((column) => (
          <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {shown.map(({ index, start }) => {
          const row = rowAt(index)
          const chosen = row !== undefined && isChosen?.(row) === true
          return (
            <div
              key={row ? keyOf(row) : index}
              id={`${id}-${index}`}
              className="data-grid-row"
              role="row"
              aria-rowindex={index + 2}
              aria-selected={onChoose ? chosen : undefined}
              data-active={index === current || undefined}
              style={{ ...template, transform: `translateY(${start}px)` }}
              onClick={(event) => onClick(event, index)}
              onDoubleClick={() => row && onOpen?.(row)}
            >
              {onChoose && (
                <span role="gridcell">
                  <span
                    className="data-grid-mark"
                    data-chosen={chosen || undefined}
                    onClick={(event) => {
                      event.stopPropagation()
                      setActive(index)
                      anchor.current = index
                      onChoose({ kind: 'toggle', index })
                    }}
                  />
                </span>
              )}
              {columns.map((column) => (
                <span key={column.id} role="gridcell" className="clip" data-numeric={column.numeric || undefined}>
                  {row === undefined ? <span className="data-grid-wait" /> : column.cell(row)}
                </span>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

interface HeadProps<Row> {
  readonly column: GridColumn<Row>
  readonly sort: GridSort | undefined
  readonly onSort: ((sort: GridSort) => void) | undefined
}

function HeadCell<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const isSorted = sort?.by === column.id
  const Arrow = sort?.descending ? ArrowDown : ArrowUp
  return (
    <span
      role="columnheader"
      className="clip"
      data-numeric={column.numeric || undefined}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      {column.sortable && onSort ? (
        <button
          type="button"
          title={texts.sortBy(column.title)}
          // What is large or new comes first, names from A to Z.
          onClick={() => onSort({ by: column.id, descending: isSorted ? !sort.descending : column.numeric === true })}
        >
          <span className="clip">{column.title}</span>
          {isSorted && <Arrow size={11} aria-hidden="true" />}
        </button>
      ) : column.term ? (
        <Term name={column.term}>{column.title}</Term>
      ) : (
        column.title
      )}
    </span>
  )
}
