/**
 * Documents, sections, chunks with tri-state boxes. Keyboard as in the ARIA tree pattern: arrows move, open and close;
 * Space takes in or leaves out; Enter shows in the inspector.
 */
import { memo, useRef, useState, type KeyboardEvent } from 'react'
import type { DocumentNode, NodeId } from '../../shared/knowledge'
import { strings } from '../strings'
import { count } from '../ui/format'
import { StateDot } from '../ui/state-dot'
import type { Check } from './selection'
import { treeRows, type TreeRow } from './tree-rows'

const texts = strings.knowledge
const INDENT_PX = 16

interface Props {
  readonly documents: readonly DocumentNode[]
  readonly checks: ReadonlyMap<NodeId, Check>
  readonly looked: NodeId | null
  readonly onToggle: (id: NodeId) => void
  readonly onLook: (id: NodeId) => void
}

export const Tree = memo(function Tree({ documents, checks, looked, onToggle, onLook }: Props) {
  // A short list shows its sections at once; a long one starts closed.
  const [opened, setOpened] = useState<ReadonlySet<NodeId> | null>(null)
  const open = opened ?? new Set(documents.length <= 8 ? documents.map(({ id }) => id) : [])
  const [focused, setFocused] = useState<NodeId | null>(null)
  const root = useRef<HTMLDivElement>(null)
  const rows = treeRows(documents, open)
  const current = rows.find(({ id }) => id === focused) ?? rows[0]

  const setOpen = (id: NodeId, value: boolean): void => {
    const next = new Set(open)
    if (value) next.add(id)
    else next.delete(id)
    setOpened(next)
  }
  const focus = (row: TreeRow | undefined): void => {
    if (!row) return
    setFocused(row.id)
    root.current?.querySelector<HTMLElement>(`[data-id="${row.id}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!current || event.ctrlKey || event.metaKey || event.altKey) return
    const at = rows.indexOf(current)
    const moves: Record<string, () => void> = {
      ArrowDown: () => focus(rows[at + 1]),
      ArrowUp: () => focus(rows[at - 1]),
      Home: () => focus(rows[0]),
      End: () => focus(rows.at(-1)),
      ArrowRight: () => (current.open === false ? setOpen(current.id, true) : current.open && focus(rows[at + 1])),
      ArrowLeft: () =>
        current.open ? setOpen(current.id, false) : focus(rows.find(({ id }) => id === current.parent)),
      ' ': () => onToggle(current.id),
      Enter: () => onLook(current.id),
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    move()
  }

  return (
    <div
      className="tree"
      role="tree"
      aria-label={texts.tree}
      aria-multiselectable="false"
      ref={root}
      onKeyDown={onKeyDown}
    >
      {rows.map((row) => (
        <Row
          key={row.id}
          row={row}
          check={checks.get(row.id) ?? 'on'}
          looked={row.id === looked}
          focusable={row === current}
          onFocus={() => setFocused(row.id)}
          onOpen={() => row.open !== null && setOpen(row.id, !row.open)}
          onToggle={() => onToggle(row.id)}
          onLook={() => onLook(row.id)}
        />
      ))}
    </div>
  )
})

interface RowProps {
  readonly row: TreeRow
  readonly check: Check
  readonly looked: boolean
  readonly focusable: boolean
  readonly onFocus: () => void
  readonly onOpen: () => void
  readonly onToggle: () => void
  readonly onLook: () => void
}

const ARIA_CHECK = { on: 'true', off: 'false', partly: 'mixed' } as const

function Row({ row, check, looked, focusable, onFocus, onOpen, onToggle, onLook }: RowProps) {
  return (
    <div
      className="tree-row"
      role="treeitem"
      data-id={row.id}
      data-check={check}
      data-level={row.level}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.open ?? undefined}
      aria-checked={ARIA_CHECK[check]}
      aria-selected={looked}
      tabIndex={focusable ? 0 : -1}
      style={{ paddingLeft: 6 + (row.level - 1) * INDENT_PX }}
      onFocus={onFocus}
      onClick={onLook}
    >
      <span className="twist" aria-hidden="true" onClick={stopped(onOpen)}>
        {row.open === null ? '' : row.open ? '▼' : '▶'}
      </span>
      <span
        className="box"
        data-check={check}
        aria-hidden="true"
        title={texts.include(row.title)}
        onClick={stopped(onToggle)}
      />
      <span className="clip" title={row.title}>
        {row.title}
      </span>
      <span className="dim">
        {count(row.tokens)}
        <span className="hidden-text">{texts.rowState(strings.states[row.state])}</span>
      </span>
      <StateDot state={row.state} />
    </div>
  )
}

function stopped(act: () => void) {
  return (event: { stopPropagation(): void }): void => {
    event.stopPropagation()
    act()
  }
}
