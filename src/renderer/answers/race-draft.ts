/** The race as it is being written: it outlasts a look at another page, and a question that was asked can be put into it. */
import type { AskInput } from '../../shared/answer'
import { raceLane, type RaceLane } from '../../shared/race'
import type { Strategy } from '../../shared/strategy'
import { pickedSet, pickSet, selectionOf, selectOf } from '../shell/current-set'
import { preference, setPreference, usePreference } from '../shell/preferences'
import { go } from '../shell/routes'
import { offerUndo, toast } from '../shell/undo'
import { strings } from '../strings'
import { createStore } from '../ui/store'

const LANES_PLACE = 'race.lanes'
const lanesSchema = raceLane.array().min(2)
const USUAL: RaceLane[] = lanesFor('reuse', null)

export const writtenQuestion = createStore({ question: '' })

export function useLanes(): readonly [lanes: RaceLane[], set: (lanes: RaceLane[]) => void] {
  return usePreference<RaceLane[]>(LANES_PLACE, USUAL, (value) => lanesSchema.safeParse(value).success)
}

/** Opens Race with a question, what it is asked of, and two lanes: in-context learning, and the way it is asked. */
export function raceThis({ set, question, selection, strategy = 'reuse', profile = null, history = [] }: AskInput): void {
  const before = { shown: pickedSet() ?? set, selection: selectionOf(set), lanes: lanesNow(), ...writtenQuestion.get() }
  const after = {
    shown: set,
    selection: { include: [...(selection?.include ?? [])], exclude: [...(selection?.exclude ?? [])] },
    lanes: lanesFor(strategy, profile),
    question,
  }
  const put = ({ shown, selection: taken, lanes, ...written }: typeof before): void => {
    pickSet(shown)
    selectOf(set, taken)
    setPreference(LANES_PLACE, lanes)
    writtenQuestion.set(written)
  }
  put(after)
  // An empty question is no loss.
  if (!isSame({ ...before, question: before.question || question }, after)) offerUndo(strings.race.taken, async () => put(before))
  if (history.length > 0) toast(strings.race.withoutHistory)
  go('/race')
}

/** In-context learning against itself would say nothing: reuse takes its place. */
function lanesFor(strategy: Strategy, profile: RaceLane['profile']): RaceLane[] {
  return [{ strategy: 'full', profile: null }, strategy === 'full' ? { strategy: 'reuse', profile } : { strategy, profile }]
}

function lanesNow(): RaceLane[] {
  const { success, data } = lanesSchema.safeParse(preference(LANES_PLACE))
  return success ? data : USUAL
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
