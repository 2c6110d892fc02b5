/**
 * Documents, sections, chunks with tri-state boxes, of any number: only rows in sight are drawn. Keyboard as in the ARIA
 * tree pattern: arrows move, open and close; Home, End and the page keys go far; Space takes in or leaves out; Enter shows
 * in the inspector.
 */
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { memo, useCallback, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { NodeId } from '../../shared/knowledge'
import { strings } from '../strings'
import { count, percent } from '../ui/format'
import { StateDot } from '../ui/state-dot'
import type { OutlineRow } from './outline-rows'
import type { Check } from './selection'

const texts = strings.knowledge
const ROW_PX = 24
const INDENT_PX = 16
const OVERSCAN = 10

function estimateSize(): number {
  return ROW_PX
}

interface Props {
  readonly rows: readonly OutlineRow[]
  readonly checkOf: (id: NodeId) => Check
  readonly looked: NodeId | null
  readonly onOpen: (id: NodeId, open: boolean) => void
  readonly onToggle: (id: NodeId) => void
  readonly onLook: (id: NodeId) => void
}

export function OutlineTree({ rows, checkOf, looked, onOpen, onToggle, onLook }: Props) {
  const [focused, setFocused] = useState<NodeId | null>(null)
  const root = useRef<HTMLDivElement>(null)
  const found = rows.findIndex(({ id }) => id === focused)
  const at = found < 0 ? 0 : found
  const current = rows[at]
  const rangeExtractor = useCallback(
    // The row that has the focus stays drawn, wherever it was scrolled to: else the focus would be lost.
    (range: Range) => [...new Set([...defaultRangeExtractor(range), ...(at < rows.length ? [at] : [])])].toSorted((a, b) => a - b),
    [at, rows.length],
  )
  // Another function would have all places reckoned anew, with every step of scrolling.
  const getItemKey = useCallback((index: number) => rows[index]?.id ?? index, [rows])
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoised by what it returns
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => root.current,
    estimateSize,
    getItemKey,
    overscan: OVERSCAN,
    rangeExtractor,
  })
  // Where the next key looks for its row: as soon as that is drawn, not a frame later, when another key may have gone on.
  const wanted = useRef<NodeId | null>(null)
  useLayoutEffect(() => {
    if (wanted.current === null) return
    root.current?.querySelector<HTMLElement>(`[data-id="${wanted.current}"]`)?.focus({ preventScroll: true })
    wanted.current = null
  })
  const focus = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    // Nothing is drawn for the row that has it already.
    if (row.id !== focused) wanted.current = row.id
    setFocused(row.id)
    list.scrollToIndex(rows.indexOf(row))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!current || event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((root.current?.clientHeight ?? 0) / ROW_PX) - 1)
    const moves: Record<string, () => void> = {
      ArrowDown: () => focus(at + 1),
      ArrowUp: () => focus(at - 1),
      PageDown: () => focus(at + page),
      PageUp: () => focus(at - page),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      ArrowRight: () => {
        if (current.open === false) onOpen(current.id, true)
        else if (current.open && rows[at + 1]?.parent === current.id) focus(at + 1)
      },
      ArrowLeft: () => {
        if (current.open) onOpen(current.id, false)
        else if (current.parent !== null) focus(rows.findIndex(({ id }) => id === current.parent))
      },
      ' ': () => onToggle(current.id),
      Enter: () => onLook(current.id),
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    move()
  }
  return (
    <div className="tree" role="tree" aria-label={texts.tree} ref={root} onKeyDown={onKeyDown}>
      <div role="none" style={{ position: 'relative', height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index]
          return row ? (
            <Row
              key={key}
              row={row}
              start={start}
              check={checkOf(row.id)}
              looked={row.id === looked}
              focusable={index === at}
              onFocus={setFocused}
              onOpen={onOpen}
              onToggle={onToggle}
              onLook={onLook}
            />
          ) : null
        })}
      </div>
    </div>
  )
}

interface RowProps extends Pick<Props, 'onOpen' | 'onToggle' | 'onLook'> {
  readonly row: OutlineRow
  /** px from the top. */
  readonly start: number
  readonly check: Check
  readonly looked: boolean
  readonly focusable: boolean
  readonly onFocus: (id: NodeId) => void
}

const ARIA_CHECK = { on: 'true', off: 'false', partly: 'mixed' } as const

const Row = memo(function Row({ row, start, check, looked, focusable, onFocus, onOpen, onToggle, onLook }: RowProps) {
  const { id, level, title, tokens, state, open, hitRate } = row
  return (
    <div
      className="tree-row"
      role="treeitem"
      data-id={id}
      data-check={check}
      data-level={level}
      aria-level={level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={open ?? undefined}
      aria-checked={ARIA_CHECK[check]}
      aria-selected={looked}
      tabIndex={focusable ? 0 : -1}
      style={{ position: 'absolute', insetInline: 0, top: start, paddingInlineStart: 6 + (level - 1) * INDENT_PX }}
      onFocus={() => onFocus(id)}
      onClick={() => onLook(id)}
    >
      <span className="twist" aria-hidden="true" onClick={stopped(() => open !== null && onOpen(id, !open))}>
        {open === null ? '' : open ? '▼' : '▶'}
      </span>
      <span
        className="box"
        data-check={check}
        aria-hidden="true"
        title={texts.include(title)}
        onClick={stopped(() => onToggle(id))}
      />
      <span className="clip" title={title}>
        <bdi>{title}</bdi>
      </span>
      <span className="dim">
        {count(tokens)}
        <span className="hidden-text">{texts.rowState(strings.states[state])}</span>
      </span>
      <Heat hitRate={hitRate} />
      <span className="state-word" aria-hidden="true">
        {strings.states[state]}
      </span>
      <StateDot state={state} />
    </div>
  )
})

/** How much of it questions found cached; nothing where none took it. */
function Heat({ hitRate }: { readonly hitRate: number | undefined }) {
  if (hitRate === undefined) return <span className="heat" />
  const text = strings.library.hitRate(percent(hitRate))
  return (
    <span className="heat" data-asked="true" title={text}>
      <i style={{ width: `${Math.round(hitRate * 100)}%` }} />
      <span className="hidden-text">, {text}</span>
    </span>
  )
}

function stopped(act: () => void) {
  return (event: { stopPropagation(): void }): void => {
    event.stopPropagation()
    act()
  }
}
