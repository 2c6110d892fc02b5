import type { RaceLane } from '../../../shared/race'
import { strategyLabel } from '../../answers/strategy-label'
import { strings } from '../../strings'

/** "Blend 15 %", "Reuse · small". */
export function laneLabel({ strategy, profile }: RaceLane): string {
  return profile === null ? strategyLabel(strategy) : strings.race.withProfile(strategyLabel(strategy), profile)
}
