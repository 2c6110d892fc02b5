/** A document, section or chunk from near: text, caches, versions, how it was reused, and what would mend its misses. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { CacheState, NodeId, SetSummary } from '../../../shared/knowledge'
import type { DocumentDetail } from '../../../shared/outline'
import { documentOf } from '../../knowledge/outline'
import { useSetJob } from '../../knowledge/use-set-job'
import { Versions } from '../../knowledge/versions'
import { client, queryClient, trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { useSelection } from '../../shell/current-set'
import { go } from '../../shell/routes'
import { offerUndo } from '../../shell/undo'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { bytes, count } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { StateDot } from '../../ui/state-dot'
import { NodeHits } from './node-hits'

const texts = strings.inspector
const libraryTexts = strings.library

interface Props {
  readonly set: SetSummary | null
  readonly id: NodeId | null
  readonly onLook: (id: NodeId) => void
  /** It was removed. */
  readonly onGone: () => void
}

export function NodeInspector({ set, id, onLook, onGone }: Props) {
  const shown = id !== null && set !== null
  const { data, error } = useQuery(trpc.documents.show.queryOptions({ id: documentOf(id ?? '') }, { enabled: shown }))
  // Another set's document is not this set's to show.
  const document = shown && data?.set === set.id ? data : null
  return (
    <>
      <h2>{texts.title}</h2>
      {!shown && <p className="dim">{libraryTexts.inspectorEmpty}</p>}
      {shown && error && <Notice failure={failureOf(error)} />}
      {document && id !== null && <Node key={id} document={document} id={id} onLook={onLook} onGone={onGone} />}
    </>
  )
}

interface NodeProps {
  readonly document: DocumentDetail
  readonly id: NodeId
  readonly onLook: (id: NodeId) => void
  readonly onGone: () => void
}

function Node({ document, id, onLook, onGone }: NodeProps) {
  const section = document.sections.find((each) => each.id === id || id.startsWith(`${each.id}.`))
  const chunk = section?.chunks.find((each) => each.id === id)
  const node = id === document.id ? document : id === section?.id ? section : chunk
  if (!node) return <p className="dim">{libraryTexts.partGone}</p>
  const kind = node === document ? texts.document : node === section ? texts.section : texts.chunk
  return (
    <>
      <h3>
        {kind} <span className="node-id">{id}</span>
      </h3>
      <b className="node-title" dir="auto">
        {document.title}
      </b>
      {section && node !== document && section.title !== document.title && (
        <div dir="auto">
          <button type="button" className="link" onClick={() => onLook(section.id)}>
            {section.title}
          </button>
        </div>
      )}
      <Facts
        facts={[
          [texts.tokens, count(node.tokens)],
          node === document && [texts.chunks, count(document.sections.reduce((sum, { chunks }) => sum + chunks.length, 0))],
          node === section && [texts.chunks, count(section.chunks.length)],
          [texts.cache, <State key="state" state={node.state} />],
          chunk && [texts.variants, strings.joins.groups(chunk.variants.map((variant) => strings.variants[variant])) || texts.noVariants],
          node === document && [texts.source, document.source],
          node === document && [texts.size, bytes(document.bytes)],
        ]}
      />
      <Actions document={document} id={id} onGone={onGone} />
      <NodeHits document={document} id={id} state={node.state} onLook={onLook} />
      {node === document && document.version > 1 && <Versions key={document.version} id={id} />}
      <SourceText id={id} />
    </>
  )
}

function Actions({ document, id, onGone }: Omit<NodeProps, 'onLook'>) {
  const { set } = document
  const job = useSetJob(set)
  const { selection, select } = useSelection(set)
  const build = useMutation(trpc.build.mutationOptions())
  const pin = useMutation({
    mutationFn: async (pinned: boolean) => {
      const changed = await client.store.pin.mutate({ node: id, pinned })
      await queryClient.invalidateQueries(trpc.store.pathFilter())
      offerUndo(pinned ? libraryTexts.pinned(changed) : libraryTexts.unpinned(changed), async () => {
        await client.store.pin.mutate({ node: id, pinned: !pinned })
      })
    },
  })
  const remove = useMutation({
    mutationFn: async () => {
      await client.documents.remove.mutate({ id: document.id })
      onGone()
      await readAnew()
      offerUndo(libraryTexts.documentRemoved(document.title), async () => {
        await client.documents.restore.mutate({ id: document.id })
        await readAnew()
      })
    },
  })
  const askOfIt = (): void => {
    select({ include: [id], exclude: [] })
    offerUndo(libraryTexts.selectedOnly, async () => {
      select(selection)
      await Promise.resolve()
    })
    go(`/ask/${set}`)
  }
  const canBuild = document.state !== 'cached' && job === null && !build.isPending
  const buildIt = (): void => build.mutate({ set, options: { documents: [document.id] } })
  useCommands([
    { id: 'library.document.build', title: libraryTexts.buildDocument, disabled: !canBuild, run: buildIt },
    { id: 'library.node.pin', title: libraryTexts.pinIt, run: () => pin.mutate(true) },
    { id: 'library.node.unpin', title: libraryTexts.unpinIt, run: () => pin.mutate(false) },
    { id: 'library.node.ask', title: libraryTexts.askOfIt, run: askOfIt },
    { id: 'library.document.remove', title: libraryTexts.removeDocument, run: () => remove.mutate() },
  ])
  const problem = build.error ?? pin.error ?? remove.error
  return (
    <>
      <div className="line wrap node-actions">
        {document.state !== 'cached' && (
          <button type="button" className="button small" disabled={!canBuild} onClick={buildIt}>
            {job ? strings.knowledge.building : libraryTexts.buildDocument}
          </button>
        )}
        <button type="button" className="button small" onClick={askOfIt}>
          {libraryTexts.askOfIt}
        </button>
        <button type="button" className="button small" title={libraryTexts.pinHint} disabled={pin.isPending} onClick={() => pin.mutate(true)}>
          {libraryTexts.pin}
        </button>
        <button type="button" className="button small" disabled={pin.isPending} onClick={() => pin.mutate(false)}>
          {libraryTexts.unpin}
        </button>
        {id === document.id && (
          <button type="button" className="button small" disabled={remove.isPending} onClick={() => remove.mutate()}>
            {libraryTexts.removeDocument}
          </button>
        )}
      </div>
      {problem && <Notice failure={failureOf(problem)} />}
    </>
  )
}

function State({ state }: { readonly state: CacheState }) {
  return (
    <>
      <StateDot state={state} /> {strings.states[state]}
      <span className="dim"> – {strings.stateMeanings[state]}</span>
    </>
  )
}

function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode] | false | undefined)[] }) {
  return (
    <dl className="facts">
      {facts.map((fact) => fact && [<dt key={fact[0]}>{fact[0]}</dt>, <dd key={`${fact[0]} value`}>{fact[1]}</dd>])}
    </dl>
  )
}

/** So much of a text is shown: a whole book in one block would hold up the page. */
const SHOWN_CHARACTERS = 20_000

function SourceText({ id }: { readonly id: NodeId }) {
  const text = useQuery(trpc.documents.text.queryOptions({ id }))
  const shown = text.data?.trim().slice(0, SHOWN_CHARACTERS)
  return (
    <>
      <h3>{texts.text}</h3>
      {text.isPending && <p className="dim">{texts.loading}</p>}
      {text.error && <Notice failure={failureOf(text.error)} />}
      {shown !== undefined && (
        <div className="source-text" dir="auto">
          {shown}
        </div>
      )}
      {text.data !== undefined && text.data.trim().length > SHOWN_CHARACTERS && (
        <p className="dim">{libraryTexts.textCut(count(SHOWN_CHARACTERS))}</p>
      )}
    </>
  )
}

async function readAnew(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries(trpc.sets.pathFilter()),
    queryClient.invalidateQueries(trpc.documents.pathFilter()),
    queryClient.invalidateQueries(trpc.trash.pathFilter()),
  ])
}
