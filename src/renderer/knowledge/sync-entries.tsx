/** Files that differ, in a list of any length. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { FolderEntry } from '../../shared/knowledge'
import { strings } from '../strings'
import { refusalOf } from './refusal'

const texts = strings.sync
const ROW_PX = 24

export function SyncEntries({ entries }: { readonly entries: readonly FolderEntry[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- its functions are called in this component alone
  const rows = useVirtualizer({ count: entries.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 10 })
  return (
    <div ref={scroller} className="sync-entries" role="region" aria-label={texts.entries} tabIndex={0}>
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index]
          if (!entry) return null
          const text = entry.detail === null ? entry.path : refusalOf(entry)
          return (
            <li key={index} className="line" style={{ height: ROW_PX, transform: `translateY(${start}px)` }} title={text}>
              <i className="sync-dot" data-state={entry.state} aria-hidden />
              <span className="sync-state">{texts.states[entry.state]}</span>
              <bdi className="clip">{text}</bdi>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
