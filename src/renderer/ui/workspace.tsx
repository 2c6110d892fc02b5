/** A page's three parts: a list at the left, what is worked on, and an inspector; the outer two can be sized and hidden. */
import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'
import { useCommands } from '../shell/commands'
import { setPreference, usePreference } from '../shell/preferences'
import { strings } from '../strings'

const texts = strings.workspace
const STEP_PX = 16
const RAIL_PX = 64
const LEAST_CENTRE_PX = 440

interface Side {
  readonly name: 'list' | 'inspector'
  readonly fallbackPx: number
  readonly leastPx: number
  readonly mostPx: number
}

const LIST: Side = { name: 'list', fallbackPx: 300, leastPx: 200, mostPx: 640 }
const INSPECTOR: Side = { name: 'inspector', fallbackPx: 300, leastPx: 220, mostPx: 720 }

interface Props {
  /** Heard as the name of the part. */
  readonly listLabel?: string
  readonly list?: ReactNode
  readonly inspectorLabel?: string
  readonly inspector?: ReactNode
  readonly children: ReactNode
}

export function Workspace({ list, listLabel, inspector, inspectorLabel, children }: Props) {
  const { hasList, hasInspector } = { hasList: list !== undefined, hasInspector: inspector !== undefined }
  const [listPx] = useWidth(LIST)
  const [inspectorPx] = useWidth(INSPECTOR)
  const [listHidden, hideList] = usePreference<boolean>('layout.list.hidden', false)
  const [inspectorHidden, hideInspector] = usePreference<boolean>('layout.inspector.hidden', false)
  useCommands([
    ...(hasList ? [{ id: 'layout.list', title: texts.toggleList, keys: 'mod+B', run: () => hideList(!listHidden) }] : []),
    ...(hasInspector
      ? [{ id: 'layout.inspector', title: texts.toggleInspector, keys: 'mod+I', run: () => hideInspector(!inspectorHidden) }]
      : []),
  ])
  const [showList, showInspector] = [hasList && !listHidden, hasInspector && !inspectorHidden]
  // What is worked on keeps its room, however wide the others were made in a larger window.
  const most = `calc((100vw - ${RAIL_PX + LEAST_CENTRE_PX}px) / ${showList && showInspector ? 2 : 1})`
  const columns = [
    showList ? `min(${listPx}px, ${most})` : '0',
    'minmax(0, 1fr)',
    showInspector ? `min(${inspectorPx}px, ${most})` : '0',
  ].join(' ')
  return (
    <div className="workspace" style={{ gridTemplateColumns: columns }}>
      {showList && (
        <section className="panel side list" aria-label={listLabel ?? texts.list}>
          {list}
          <Border side={LIST} />
        </section>
      )}
      <main className="panel centre">{children}</main>
      {showInspector && (
        <aside className="panel side inspector" aria-label={inspectorLabel ?? texts.inspector}>
          <Border side={INSPECTOR} />
          {inspector}
        </aside>
      )}
    </div>
  )
}

/** For who shows something in the inspector that a person asked to see. */
export function showInspector(): void {
  setPreference('layout.inspector.hidden', false)
}

function useWidth({ name, fallbackPx, leastPx, mostPx }: Side): readonly [px: number, set: (px: number) => void] {
  const [px, set] = usePreference<number>(`layout.${name}.px`, fallbackPx)
  const clamp = (value: number): number => Math.round(Math.min(mostPx, Math.max(leastPx, value)))
  return [clamp(px), (value) => set(clamp(value))]
}

/** The border between two parts: dragged, or moved by the arrow keys. */
function Border({ side }: { readonly side: Side }) {
  const [px, set] = useWidth(side)
  const from = useRef<{ readonly x: number; readonly px: number } | null>(null)
  const sign = side.name === 'list' ? 1 : -1
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId)
    from.current = { x: event.clientX, px }
  }
  const onPointerMove = (event: PointerEvent): void => {
    if (from.current) set(from.current.px + sign * (event.clientX - from.current.x))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = {
      ArrowLeft: px - sign * STEP_PX,
      ArrowRight: px + sign * STEP_PX,
      Home: side.leastPx,
      End: side.mostPx,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    set(to)
  }
  return (
    <div
      className="border"
      data-side={side.name}
      role="separator"
      aria-orientation="vertical"
      aria-label={side.name === 'list' ? texts.sizeList : texts.sizeInspector}
      aria-valuemin={side.leastPx}
      aria-valuemax={side.mostPx}
      aria-valuenow={px}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => (from.current = null)}
      onPointerCancel={() => (from.current = null)}
      onDoubleClick={() => set(side.fallbackPx)}
      onKeyDown={onKeyDown}
    />
  )
}
