/** The same question by in-context learning and from the cache, side by side. */
import type { ReactNode } from 'react'
import type { Trace } from '../../shared/answer'
import { strings } from '../strings'
import { pace } from '../ui/format'
import { Notice } from '../ui/notice'
import { useStore } from '../ui/store'
import { AnswerText } from './answer-text'
import type { Asking } from './asking'
import { PACE_CLASS, TimeToFirstToken } from './figures'
import type { Lane } from './lane'
import { strategyLabel } from './strategy-label'

const texts = strings.compare

export function Compare({ asking }: { readonly asking: Asking }) {
  const { main, rival } = asking
  const running = useStore(asking.state, (state) => state.running)
  return (
    <section aria-label={texts.title}>
      <h3>{texts.title}</h3>
      <div className="lanes">
        <LaneView lane={rival} title={<b>{texts.full}</b>} idleText={running ? texts.pending : texts.notRun} />
        <LaneView lane={main} title={<b className="good">{texts.cache}</b>} idleText={null} />
      </div>
      <Verdict main={main} rival={rival} />
    </section>
  )
}

interface LaneProps {
  readonly lane: Lane
  readonly title: ReactNode
  /** Only the second lane waits; the first one's failure is shown above both. */
  readonly idleText: string | null
}

function LaneView({ lane, title, idleText }: LaneProps) {
  const trace = useStore(lane, ({ answer }) => answer?.trace ?? null)
  const failure = useStore(lane, (state) => (idleText ? state.failure : null))
  const idle = useStore(lane, ({ phase }) => phase === 'idle')
  return (
    <div className="lane" data-testid={idleText ? 'lane-rival' : 'lane-main'}>
      {title}{' '}
      <span className="dim">
        {idle ? idleText : trace && computed(trace)}
      </span>
      <div className="big">
        <TimeToFirstToken lane={lane} />
      </div>
      {failure && <Notice failure={failure} />}
      <AnswerText lane={lane} />
    </div>
  )
}

/** The lane of in-context learning is named by its title already. */
function computed({ strategy, computedTokens, recomputedTokens }: Trace): string {
  const text = texts.tokens(computedTokens + recomputedTokens)
  return strategy === 'full' ? text : texts.by(strategyLabel(strategy), text)
}

function Verdict({ main, rival }: { readonly main: Lane; readonly rival: Lane }) {
  const ours = useStore(main, (lane) => lane.answer)
  const theirs = useStore(rival, (lane) => lane.answer)
  if (!ours || !theirs) return null
  const { kind, ratio } = pace(ours.trace.ttftMs, theirs.trace.ttftMs)
  return (
    <p data-testid="verdict" role="status" style={{ marginTop: 8 }}>
      <b className={PACE_CLASS[kind]}>{texts[kind](ratio)}</b>{' '}
      <span className="dim">{ours.text === theirs.text ? texts.same : texts.differ}</span>
    </p>
  )
}
