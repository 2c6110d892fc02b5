/** The four figures of an answer, and the ratio to in-context learning when there is one. */
import { useEffect, useState, type ReactNode } from 'react'
import type { Trace } from '../../shared/answer'
import { strings } from '../strings'
import { bytes, duration, figure, pace, percent, speed, ticking } from '../ui/format'
import { useStore } from '../ui/store'
import { Term } from '../ui/term'
import type { Asking } from './asking'
import type { Lane } from './lane'

const texts = strings.figures
export const PACE_CLASS = { faster: 'good', slower: 'bad', even: 'even' } as const

export function Figures({ asking }: { readonly asking: Asking }) {
  const trace = useStore(asking.main, ({ answer }) => answer?.trace ?? null)
  const ttftMs = useStore(asking.main, (lane) => lane.ttftMs)
  const rivalMs = useStore(asking.rival, (lane) => lane.ttftMs)
  const decode = trace?.decodeTokensPerSecond
  const versus = ttftMs !== null && rivalMs !== null ? pace(ttftMs, rivalMs) : null
  return (
    <section className="figures" aria-label={texts.title}>
      <Figure
        label={<Term name="ttft">{texts.ttft}</Term>}
        value={<TimeToFirstToken lane={asking.main} />}
        note={
          versus && rivalMs !== null ? (
            <>
              {texts.versus(duration(rivalMs))} ·{' '}
              <b className={PACE_CLASS[versus.kind]}>{texts[versus.kind](versus.ratio)}</b>
            </>
          ) : (
            decode && texts.decode(speed(decode))
          )
        }
      />
      <Figure
        label={<Term name="hitRate">{texts.reused}</Term>}
        value={!trace || trace.hitRate === null ? texts.none : percent(kept(trace) / trace.knowledgeTokens)}
        note={
          trace && (trace.hitRate === null ? texts.nothingSelected : texts.ofTokens(kept(trace), trace.knowledgeTokens))
        }
      />
      <Figure
        label={texts.computed}
        value={trace ? figure(trace.computedTokens + trace.recomputedTokens) : texts.none}
        note={trace && split(trace)}
      />
      <Figure label={texts.read} value={trace ? bytes(trace.bytesRead) : texts.none} note={trace && readNote(trace)} />
    </section>
  )
}

function readNote({ bytesFromMemory }: Trace): string {
  return bytesFromMemory === 0 ? texts.fromCaches : texts.fromMemory(bytes(bytesFromMemory))
}

function split({ knowledgeTokens, reusedTokens, recomputedTokens, questionTokens }: Trace): string {
  const missed = knowledgeTokens - reusedTokens
  return recomputedTokens > 0
    ? texts.splitAgain(missed, recomputedTokens, questionTokens)
    : texts.split(missed, questionTokens)
}

/** Tokens that are used as they were cached. */
function kept({ reusedTokens, recomputedTokens }: Trace): number {
  return reusedTokens - recomputedTokens
}

function Figure({
  label,
  value,
  note,
}: {
  readonly label: ReactNode
  readonly value: ReactNode
  readonly note: ReactNode
}) {
  return (
    <div>
      <div className="dim">{label}</div>
      <div className="big">{value}</div>
      <div className="dim">{note || ' '}</div>
    </div>
  )
}

/** The measured time; before it is there, a clock. */
export function TimeToFirstToken({ lane }: { readonly lane: Lane }) {
  const ttftMs = useStore(lane, (state) => state.ttftMs)
  const phase = useStore(lane, (state) => state.phase)
  if (ttftMs !== null) return <span data-testid="ttft">{duration(ttftMs)}</span>
  return phase === 'waiting' || phase === 'computing' ? <Clock lane={lane} /> : <>{texts.none}</>
}

const CLOCK_MS = 100

function Clock({ lane }: { readonly lane: Lane }) {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), CLOCK_MS)
    return () => clearInterval(timer)
  }, [])
  const passed = Math.max(0, now - lane.get().startedAt)
  return <span className="dim" style={{ fontSize: 'inherit' }}>{ticking(passed)}</span>
}
