/** The turns of a set's conversation: numbers of past queries, kept by the workbench, and whether the next question follows them. */
import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Turn } from '../../../shared/answer'
import type { WholeQuery } from '../../../shared/hits'
import type { Json } from '../../../shared/preferences'
import { trpc } from '../../rpc/client'
import { preference, setPreference, usePreference } from '../../shell/preferences'
import { offerUndo } from '../../shell/undo'
import { strings } from '../../strings'

const texts = strings.conversation
/** Later turns push out earlier ones: a context has an end. */
const MOST_TURNS = 16

type Kept = { readonly queries: readonly number[]; readonly follow: boolean }
const NONE: Kept = { queries: [], follow: false }

export interface Conversation {
  /** Those whose record is there, in order. */
  readonly turns: readonly WholeQuery[]
  /** Whether the next question follows them. */
  readonly follow: boolean
  /** What goes along with the next question. */
  readonly history: readonly Turn[]
}

export function useConversation(set: string): Conversation {
  const [{ queries, follow }] = usePreference<Kept>(placeOf(set), NONE, isKept)
  const turns = useQueries({
    queries: queries.map((id) => trpc.hits.query.queryOptions({ id }, { staleTime: Infinity })),
    combine: answered,
  })
  return useMemo(() => ({ turns, follow, history: follow ? turns.flatMap(turnsOf) : [] }), [turns, follow])
}

/** After an answer: the next turn where it followed the others, else the first of a conversation that may begin here. */
export function addTurn(set: string, query: number): void {
  const { queries, follow } = keptOf(set)
  keep(set, { queries: follow ? [...queries, query].slice(-MOST_TURNS) : [query], follow })
}

export function setFollow(set: string, follow: boolean): void {
  keep(set, { ...keptOf(set), follow })
}

export function startAnew(set: string): void {
  const before = keptOf(set)
  setPreference(placeOf(set), null)
  offerUndo(texts.begun, async () => keep(set, before))
}

/** Outside of the component, so that the same results give the same list. */
function answered(results: readonly { readonly data: WholeQuery | undefined }[]): WholeQuery[] {
  return results.flatMap(({ data }) => (data?.answer ? [data] : []))
}

function turnsOf({ query, answer }: WholeQuery): Turn[] {
  return [
    { role: 'user', content: query.question },
    { role: 'assistant', content: answer?.text.trim() ?? '' },
  ]
}

function keep(set: string, { queries, follow }: Kept): void {
  setPreference(placeOf(set), { queries: [...queries], follow })
}

function keptOf(set: string): Kept {
  const value = preference(placeOf(set))
  return isKept(value) ? (value as Kept) : NONE
}

function isKept(value: Json): boolean {
  if (typeof value !== 'object' || value === null || !('queries' in value) || !('follow' in value)) return false
  return Array.isArray(value.queries) && value.queries.every(Number.isInteger) && typeof value.follow === 'boolean'
}

function placeOf(set: string): string {
  return `conversation.${set}`
}
