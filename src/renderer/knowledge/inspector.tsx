/** One document, section or chunk from near: text, caches, and what became of it in the last question. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ChunkNode, DocumentNode, NodeId, SectionNode } from '../../shared/knowledge'
import { client, queryClient, trpc } from '../rpc/client'
import { offerUndo } from '../shell/undo'
import { strings } from '../strings'
import { moment } from '../ui/dates'
import { failureOf } from '../ui/failure'
import { bytes, count } from '../ui/format'
import { Notice } from '../ui/notice'
import { StateDot } from '../ui/state-dot'
import { useStore } from '../ui/store'
import type { Asking } from '../answers/asking'
import { outcomeText } from '../answers/outcome'
import { Versions } from './versions'

const texts = strings.inspector

interface Props {
  readonly tree: readonly DocumentNode[]
  readonly id: NodeId | null
  readonly asking: Asking
}

export function Inspector({ tree, id, asking }: Props) {
  const [documentId, sectionId] = [/^d\d+/.exec(id ?? '')?.[0], /^d\d+\.s\d+/.exec(id ?? '')?.[0]]
  const document = tree.find((each) => each.id === documentId)
  const section = document?.sections.find((each) => each.id === sectionId)
  const chunk = section?.chunks.find((each) => each.id === id)
  return (
    <>
      <h2>{texts.title}</h2>
      {!document && (
        <p className="dim" style={{ marginTop: 8 }}>
          {texts.empty}
        </p>
      )}
      {document && section && chunk && id === chunk.id && (
        <ChunkFacts document={document} section={section} chunk={chunk} asking={asking} />
      )}
      {document && section && id === section.id && <SectionFacts document={document} section={section} />}
      {document && id === document.id && <DocumentFacts key={id} document={document} />}
    </>
  )
}

function DocumentFacts({ document }: { readonly document: DocumentNode }) {
  const remove = useMutation({
    mutationFn: async () => {
      await client.documents.remove.mutate({ id: document.id })
      await queryClient.invalidateQueries(trpc.sets.pathFilter())
      offerUndo(texts.removed(document.title), async () => {
        await client.documents.restore.mutate({ id: document.id })
        await queryClient.invalidateQueries(trpc.sets.pathFilter())
      })
    },
  })
  return (
    <>
      <h3>{texts.document}</h3>
      <b>{document.title}</b>
      <Facts
        facts={[
          [texts.source, document.source],
          [texts.version, document.version],
          [texts.imported, moment(document.importedAt)],
          [texts.size, bytes(document.bytes)],
          [texts.tokens, count(document.tokens)],
          [texts.chunks, count(document.sections.reduce((sum, { chunks }) => sum + chunks.length, 0))],
          [texts.cache, <State key="state" state={document.state} />],
        ]}
      />
      <div className="line wrap" style={{ marginTop: 12 }}>
        <button type="button" className="button small" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {texts.remove}
        </button>
      </div>
      {remove.error && <Notice failure={failureOf(remove.error)} />}
      {document.version > 1 && <Versions key={document.version} id={document.id} />}
    </>
  )
}

function SectionFacts({ document, section }: { readonly document: DocumentNode; readonly section: SectionNode }) {
  return (
    <>
      <h3>{texts.section}</h3>
      <b>{strings.strip.place(document.title, section.title)}</b>
      <Facts
        facts={[
          [texts.tokens, count(section.tokens)],
          [texts.chunks, count(section.chunks.length)],
          [texts.cache, <State key="state" state={section.state} />],
        ]}
      />
      <SourceText id={section.id} />
    </>
  )
}

interface ChunkProps {
  readonly document: DocumentNode
  readonly section: SectionNode
  readonly chunk: ChunkNode
  readonly asking: Asking
}

function ChunkFacts({ document, section, chunk, asking }: ChunkProps) {
  const outcome = useStore(asking.main, ({ chunks }) => chunks?.find(({ id }) => id === chunk.id)?.outcome ?? null)
  const strategy = useStore(asking.main, (lane) => lane.strategy)
  const asked = useStore(asking.main, ({ chunks }) => chunks !== null)
  const variants = strings.joins.groups(chunk.variants.map((variant) => strings.variants[variant]))
  return (
    <>
      <h3>
        {texts.chunk} {section.chunks.indexOf(chunk) + 1}
      </h3>
      <b>{strings.strip.place(document.title, section.title)}</b>
      <Facts
        facts={[
          [texts.tokens, count(chunk.tokens)],
          [texts.cache, <State key="state" state={chunk.state} />],
          [texts.variants, variants || texts.noVariants],
          asked && [texts.used, outcome ? outcomeText(outcome, strategy) : texts.notUsed],
        ]}
      />
      <SourceText id={chunk.id} />
    </>
  )
}

function State({ state }: { readonly state: ChunkNode['state'] }) {
  return (
    <>
      <StateDot state={state} /> {strings.states[state]}
    </>
  )
}

function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode] | false)[] }) {
  return (
    <dl className="facts" style={{ marginTop: 6 }}>
      {facts.map((fact) => fact && [<dt key={fact[0]}>{fact[0]}</dt>, <dd key={`${fact[0]} value`}>{fact[1]}</dd>])}
    </dl>
  )
}

function SourceText({ id }: { readonly id: NodeId }) {
  const text = useQuery(trpc.documents.text.queryOptions({ id }))
  return (
    <>
      <h3>{texts.text}</h3>
      {text.isPending && <p className="dim">{texts.loading}</p>}
      {text.error && <Notice failure={failureOf(text.error)} />}
      {text.data !== undefined && <div className="source-text">{text.data.trim()}</div>}
    </>
  )
}
