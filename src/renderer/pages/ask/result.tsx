/** What came of the question: figures, the answer (or both, compared), where it came from, chunks, stages. */
import type { NodeId } from '../../../shared/knowledge'
import { AnswerText } from '../../answers/answer-text'
import type { Asking } from '../../answers/asking'
import { Choice } from '../../answers/choice'
import { ChunkStrip } from '../../answers/chunk-strip'
import { Compare } from '../../answers/compare'
import { Figures } from '../../answers/figures'
import { Waterfall } from '../../answers/waterfall'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { Notice } from '../../ui/notice'
import { useStore } from '../../ui/store'
import { CopyMenu } from './copy-menu'
import { Sources } from './sources'

interface Props {
  readonly asking: Asking
  readonly looked: NodeId | null
  readonly onLook: (id: NodeId) => void
  /** Whether it is shown by its own link. */
  readonly isPast?: boolean
}

export function Result({ asking, looked, onLook, isPast = false }: Props) {
  const { main, rival } = asking
  const idle = useStore(main, ({ phase }) => phase === 'idle')
  const strategy = useStore(main, (lane) => lane.strategy)
  const failure = useStore(main, (lane) => lane.failure)
  const chunks = useStore(main, (lane) => lane.chunks)
  const query = useStore(main, (lane) => lane.query)
  const trace = useStore(main, ({ answer }) => answer?.trace ?? null)
  const rivalTrace = useStore(rival, ({ answer }) => answer?.trace ?? null)
  const begun = useStore(main, ({ phase, ttftMs }) => phase !== 'failed' || ttftMs !== null)
  const comparing = useStore(asking.state, (state) => state.comparing)
  if (idle) return <Empty title={strings.ask.idleTitle} hint={strings.ask.idleHint} />
  return (
    <>
      {failure && <Notice failure={failure} />}
      {begun && <Figures asking={asking} />}
      {begun &&
        (comparing ? (
          <Compare asking={asking} />
        ) : (
          <section className="lane own" aria-label={strings.ask.answer}>
            <h3>{strings.ask.answer}</h3>
            <AnswerText lane={main} />
          </section>
        ))}
      {query !== null && <Onward asking={asking} query={isPast ? null : query} />}
      {trace && <Choice trace={trace} />}
      {chunks && <ChunkStrip chunks={chunks} strategy={strategy} looked={looked} onLook={onLook} />}
      {trace && query !== null && chunks && chunks.length > 0 && (
        <Sources key={query} query={query} chunks={chunks} looked={looked} onLook={onLook} />
      )}
      {trace && <Waterfall trace={trace} rival={rivalTrace} />}
    </>
  )
}

/** What can be done with an answer that is there. */
function Onward({ asking, query }: { readonly asking: Asking; readonly query: number | null }) {
  const request = useStore(asking.main, (lane) => lane.request)
  return (
    <div className="line onward">
      {request && <CopyMenu request={request} />}
      {query !== null && (
        <a className="link" href={hrefTo(`/query/${query}`)}>
          {strings.past.title(query)}
        </a>
      )}
    </div>
  )
}
