/** A chunk from near: its caches, what became of it in the question that is shown and what mends that, its text. */
import type { DocumentNode, NodeId } from '../../../shared/knowledge'
import type { Strategy } from '../../../shared/strategy'
import type { Asking } from '../../answers/asking'
import { outcomeText, recomputedTokens } from '../../answers/outcome'
import { strings } from '../../strings'
import { count } from '../../ui/format'
import { StateDot } from '../../ui/state-dot'
import { useStore } from '../../ui/store'
import { MarkedText } from './marked-text'
import { Mend } from './mend'
import { remedyOf } from './remedy'

const texts = strings.inspector

interface Props {
  readonly tree: readonly DocumentNode[]
  readonly set: string
  readonly id: NodeId
  readonly asking: Asking
  readonly onAgain: (strategy?: Strategy) => void
}

export function ChunkInspector({ tree, set, id, asking, onAgain }: Props) {
  const traced = useStore(asking.main, ({ chunks }) => chunks?.find((chunk) => chunk.id === id) ?? null)
  const isAsked = useStore(asking.main, ({ chunks }) => chunks !== null)
  const strategy = useStore(asking.main, (lane) => lane.strategy)
  const profile = useStore(asking.main, ({ request }) => request?.profile ?? null)
  const document = tree.find(({ sections }) => sections.some(({ chunks }) => chunks.some((chunk) => chunk.id === id)))
  const section = document?.sections.find(({ chunks }) => chunks.some((chunk) => chunk.id === id))
  const chunk = section?.chunks.find((each) => each.id === id)
  const place = traced
    ? strings.strip.place(traced.document, traced.section)
    : strings.strip.place(document?.title ?? '', section?.title ?? '')
  const variants = chunk && strings.joins.groups(chunk.variants.map((variant) => strings.variants[variant]))
  // What is to be mended says what became of it, too.
  const isMended = traced !== null && remedyOf(traced.outcome, { profile, quota: null }) !== null
  const again = traced ? recomputedTokens(traced) : 0
  return (
    <>
      <h2>{texts.title}</h2>
      <h3>
        {texts.chunk} {section && chunk ? section.chunks.indexOf(chunk) + 1 : ''}
      </h3>
      <b>
        <bdi>{place}</bdi>
      </b>
      <dl className="facts" style={{ marginTop: 6 }}>
        <dt>{texts.tokens}</dt>
        <dd>{count(chunk?.tokens ?? traced?.tokens ?? 0)}</dd>
        {chunk && (
          <>
            <dt>{texts.cache}</dt>
            <dd>
              <StateDot state={chunk.state} /> {strings.states[chunk.state]}
            </dd>
            <dt>{texts.variants}</dt>
            <dd>{variants || texts.noVariants}</dd>
          </>
        )}
        {isAsked && !isMended && (
          <>
            <dt>{texts.used}</dt>
            <dd>{traced ? outcomeText(traced.outcome, strategy) : texts.notUsed}</dd>
          </>
        )}
      </dl>
      {traced && <Mend outcome={traced.outcome} strategy={strategy} set={set} profile={profile} onAgain={onAgain} />}
      <h3>{texts.text}</h3>
      {again > 0 && <p className="dim">{strings.mend.marked(again)}</p>}
      <MarkedText id={id} recomputed={traced?.recomputed ?? []} />
    </>
  )
}
