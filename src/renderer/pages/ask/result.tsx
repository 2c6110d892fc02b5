/** What came of the question: figures, the answer (or both, compared), chunks, stages. */
import type { NodeId } from '../../../shared/knowledge'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { Notice } from '../../ui/notice'
import { useStore } from '../../ui/store'
import { AnswerText } from '../../answers/answer-text'
import type { Asking } from '../../answers/asking'
import { Choice } from '../../answers/choice'
import { ChunkStrip } from '../../answers/chunk-strip'
import { Compare } from '../../answers/compare'
import { Figures } from '../../answers/figures'
import { Waterfall } from '../../answers/waterfall'

interface Props {
  readonly asking: Asking
  readonly looked: NodeId | null
  readonly onLook: (id: NodeId) => void
}

export function Result({ asking, looked, onLook }: Props) {
  const { main, rival } = asking
  const idle = useStore(main, ({ phase }) => phase === 'idle')
  const strategy = useStore(main, (lane) => lane.strategy)
  const failure = useStore(main, (lane) => lane.failure)
  const chunks = useStore(main, (lane) => lane.chunks)
  const trace = useStore(main, ({ answer }) => answer?.trace ?? null)
  const rivalTrace = useStore(rival, ({ answer }) => answer?.trace ?? null)
  const begun = useStore(main, ({ phase, ttftMs }) => phase !== 'failed' || ttftMs !== null)
  const comparing = useStore(asking.state, (state) => state.comparing)
  if (idle) return <Empty title={strings.ask.idleTitle} hint={strings.ask.idleHint} />
  return (
    <>
      {failure && <Notice failure={failure} />}
      {begun && <Figures asking={asking} />}
      {begun && (comparing ? (
        <Compare asking={asking} />
      ) : (
        <section className="lane own" aria-label={strings.ask.answer}>
          <h3>{strings.ask.answer}</h3>
          <AnswerText lane={main} />
        </section>
      ))}
      {trace && <Choice trace={trace} />}
      {chunks && <ChunkStrip chunks={chunks} strategy={strategy} looked={looked} onLook={onLook} />}
      {trace && <Waterfall trace={trace} rival={rivalTrace} />}
    </>
  )
}
