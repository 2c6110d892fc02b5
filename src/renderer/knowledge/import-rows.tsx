/** The files of a preview: a list of any length, gone through by the arrow keys. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type KeyboardEvent } from 'react'
import type { PreviewFile } from '../../shared/preview'
import { strings } from '../strings'
import { count } from '../ui/format'
import { refusalOf } from './refusal'

const texts = strings.preview
const ROW_PX = 42

interface Props {
  readonly files: readonly PreviewFile[]
  readonly chosen: PreviewFile | null
  readonly choose: (file: PreviewFile) => void
}

export function FileList({ files, chosen, choose }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- its functions are called in this component alone
  const rows = useVirtualizer({ count: files.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 8 })
  const at = chosen ? files.indexOf(chosen) : -1
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at)
    // Only when another one is chosen, not when more of them come.
  }, [at, rows])
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: files.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const file = files[Math.min(files.length - 1, Math.max(0, to))]
    if (file) choose(file)
  }
  return (
    <div
      ref={scroller}
      className="preview-files"
      role="listbox"
      aria-label={texts.files}
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `preview-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const file = files[index]
          if (!file) return null
          return (
            <div
              key={index}
              id={`preview-${index}`}
              className="preview-file"
              role="option"
              aria-selected={index === at}
              aria-posinset={index + 1}
              aria-setsize={files.length}
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
              onClick={() => choose(file)}
            >
              <Row file={file} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Row({ file }: { readonly file: PreviewFile }) {
  const { outcome, title, source, format, changes, chunks } = file
  const below = outcome === 'failed' ? refusalOf(file) : source
  const kind = format ? texts.formats[format] : null
  const facts = [
    ...(file.pages > 0 ? [texts.pages(file.pages)] : []),
    texts.sections(file.sections),
    texts.tokenCount(count(file.tokens)),
    ...(changes ? [texts.changed(changes.changed, chunks)] : []),
  ]
  return (
    <>
      <i className="outcome-dot" data-outcome={outcome} aria-hidden />
      <span className="preview-name">
        <bdi className="clip" title={source}>
          {title ?? nameOf(source)}
        </bdi>
        <bdi className="clip dim" title={below}>
          {below}
        </bdi>
      </span>
      <span className="preview-facts">
        <span data-outcome={outcome}>
          {file.fromTrash ? texts.fromTrash : texts.outcomes[outcome]}
          {kind && <span className="dim"> · {kind}</span>}
        </span>
        {outcome !== 'failed' && <span className="dim">{facts.join(' · ')}</span>}
      </span>
    </>
  )
}

function nameOf(source: string): string {
  return source.split(/[\\/]/).at(-1) ?? source
}
