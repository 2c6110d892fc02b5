/** What building documents would take that are not there yet. */
import type { BuildCost } from '../../shared/preview'
import type { KeyedDocument } from './knowledge'
import { buildableKeys, missingRuns, runTokens } from './missing'

/** Of both variants that a build makes by default. */
const VARIANTS = ['document', 'bos'] as const

export interface CostFacts {
  /** Which of the keys have a cache. */
  readonly available: (keys: readonly string[]) => ReadonlySet<string>
  /** Tokens per second; null where nothing was measured. */
  readonly speed: number | null
  readonly bytesPerToken: number
}

export class BuildCosts {
  readonly #facts: CostFacts
  /** What documents before would have built: a text that stands in several is computed once. */
  readonly #planned = new Set<string>()

  constructor(facts: CostFacts) {
    this.#facts = facts
  }

  of(document: KeyedDocument): BuildCost {
    const documents = [document]
    const available = this.#facts.available(buildableKeys(documents, VARIANTS))
    const runs = missingRuns({ documents, variants: VARIANTS, available: available.union(this.#planned) })
    for (const { targets } of runs) for (const { cache } of targets) this.#planned.add(cache.key)
    return this.cost(runs.reduce((sum, run) => sum + runTokens(run), 0))
  }

  cost(tokens: number): BuildCost {
    const { speed, bytesPerToken } = this.#facts
    return { tokens, seconds: speed === null ? null : tokens / speed, bytes: Math.round(tokens * bytesPerToken) }
  }
}
