import type { CacheState } from '../../shared/knowledge'
import { strings } from '../strings'

/** A cache's state as a coloured dot; its name is a tooltip, rows say it in words too. */
export function StateDot({ state }: { readonly state: CacheState }) {
  return <span className="dot" data-state={state} title={strings.states[state]} aria-hidden="true" />
}
