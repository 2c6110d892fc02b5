/** The question as it is being written, per set: it outlasts a look at another page. */
import type { NodeId } from '../../../shared/knowledge'
import { createStore, type Store } from '../../ui/store'

export interface Draft {
  readonly question: string
  /** Whether only what a search for the question proposes is asked. */
  readonly proposing: boolean
  /** Of what was proposed, what is not wanted. */
  readonly struck: ReadonlySet<NodeId>
}

const drafts = new Map<string, Store<Draft>>()

export function draftOf(set: string): Store<Draft> {
  const kept = drafts.get(set)
  if (kept) return kept
  const made = createStore<Draft>({ question: '', proposing: false, struck: new Set() })
  drafts.set(set, made)
  return made
}
