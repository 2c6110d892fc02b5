/** One file as it would be cut: its sections, and where each chunk begins in the text. */
import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import type { DocumentLook, LookSection, PreviewFile } from '../../shared/preview'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { bytes, count, estimate } from '../ui/format'
import { Notice } from '../ui/notice'

const texts = strings.preview

export function ImportLook({ set, file }: { readonly set: string; readonly file: PreviewFile | null }) {
  const isReadable = file !== null && file.outcome !== 'failed'
  const look = useQuery(
    trpc.documents.look.queryOptions({ set, file: file?.file ?? { path: ' ' } }, { enabled: isReadable, staleTime: Infinity, gcTime: 0 }),
  )
  if (!file) return <div className="preview-look dim">{texts.nothingYet}</div>
  return (
    <section className="preview-look" aria-label={texts.look}>
      <div className="preview-head">
        <h3>
          <bdi>{file.title ?? file.source}</bdi>
        </h3>
        <p className="dim">
          <bdi>{file.source}</bdi>
        </p>
        {file.outcome === 'failed' ? (
          <Notice failure={{ code: 'document.invalid', text: file.detail ?? '', detail: file.said, title: texts.cannotImport }} />
        ) : (
          <p>{factsOf(file).join(' · ')}</p>
        )}
      </div>
      {isReadable && look.error && <Notice failure={failureOf(look.error)} />}
      {isReadable && look.isPending && <p className="dim">{texts.lookLoading}</p>}
      {isReadable && look.data && <Chunks key={file.source} look={look.data} isNewVersion={file.outcome === 'new-version'} />}
    </section>
  )
}

function factsOf({ bytes: size, pages, sections, chunks, tokens, changes, build }: PreviewFile): string[] {
  const time = build.seconds === null ? texts.timeUnknown : texts.time(estimate(build.seconds))
  return [
    bytes(size),
    ...(pages > 0 ? [texts.pages(pages)] : []),
    texts.sections(sections),
    texts.tokens(count(tokens), count(chunks)),
    ...(changes ? [texts.changes(changes.same, changes.changed, changes.gone)] : []),
    ...(build.tokens > 0 ? [texts.toBuild(count(build.tokens), time, bytes(build.bytes))] : []),
  ]
}

type Row =
  | { readonly kind: 'section'; readonly section: LookSection }
  | { readonly kind: 'chunk'; readonly number: number; readonly chunk: DocumentLook['chunks'][number] }

function rowsOf({ sections, chunks }: DocumentLook): Row[] {
  let last = 0
  let number = 0
  return chunks.flatMap((chunk): Row[] => {
    const section = sections[chunk.section - 1]
    const isFirst = chunk.section !== last
    last = chunk.section
    number = isFirst ? 1 : number + 1
    const row: Row = { kind: 'chunk', number, chunk }
    return isFirst && section ? [{ kind: 'section', section }, row] : [row]
  })
}

function Chunks({ look, isNewVersion }: { readonly look: DocumentLook; readonly isNewVersion: boolean }) {
  const scroller = useRef<HTMLDivElement>(null)
  const all = useMemo(() => rowsOf(look), [look])
  // oxlint-disable-next-line react/incompatible-library -- its functions are called in this component alone
  const rows = useVirtualizer({
    count: all.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (all[index]?.kind === 'section' ? 28 : 180),
    overscan: 4,
  })
  return (
    <div ref={scroller} className="preview-text" tabIndex={0} role="region" aria-label={texts.cut}>
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const row = all[index]
          if (!row) return null
          return (
            <div key={index} ref={rows.measureElement} data-index={index} className="preview-row" style={{ transform: `translateY(${start}px)` }}>
              {row.kind === 'section' ? <Heading section={row.section} /> : <Chunk {...row} isNewVersion={isNewVersion} />}
            </div>
          )
        })}
      </div>
      {look.chunksLeftOut > 0 && <p className="dim">{texts.leftOut(look.chunksLeftOut)}</p>}
    </div>
  )
}

function Heading({ section: { title, chunks, tokens } }: { readonly section: LookSection }) {
  return (
    <p className="preview-section">
      <b>
        <bdi>{title}</bdi>
      </b>{' '}
      <span className="dim">{texts.tokens(count(tokens), count(chunks))}</span>
    </p>
  )
}

interface ChunkProps {
  readonly number: number
  readonly chunk: DocumentLook['chunks'][number]
  readonly isNewVersion: boolean
}

function Chunk({ number, chunk: { tokens, page, isNew, text }, isNewVersion }: ChunkProps) {
  const marks = [
    texts.chunk(number),
    texts.tokenCount(count(tokens)),
    ...(page === null ? [] : [texts.page(page)]),
    ...(isNewVersion ? [isNew ? texts.isNew : texts.isSame] : []),
  ]
  return (
    <div className="preview-chunk" data-new={isNewVersion && isNew}>
      <span className="dim">{marks.join(' · ')}</span>
      <div className="preview-words" dir="auto">
        {text.trimEnd()}
      </div>
    </div>
  )
}
