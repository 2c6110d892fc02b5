/** Time to a lane's first token: a clock while it runs, the measured time afterwards. Only the clock itself renders again. */
import { useEffect, useState } from 'react'
import { duration, ticking } from '../../ui/format'
import { useStore } from '../../ui/store'
import type { Runner } from './racing'

const TICK_MS = 100

export function RunnerClock({ runner }: { readonly runner: Runner }) {
  const ttftMs = useStore(runner, (state) => state.ttftMs)
  const runs = useStore(runner, ({ phase }) => phase === 'computing')
  if (ttftMs !== null) return <span data-testid="ttft">{duration(ttftMs)}</span>
  return runs ? <Clock runner={runner} /> : <span className="idle">–</span>
}

function Clock({ runner }: { readonly runner: Runner }) {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  const { startedAt, speed } = runner.get()
  const passed = Math.max(0, now - startedAt) * (Number.isFinite(speed) ? speed : 1)
  return <span className="ticking" data-testid="clock">{ticking(passed)}</span>
}
