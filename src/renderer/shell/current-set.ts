/** The set that Library, Ask and Race show, and what of it a question takes; both are remembered. */
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { selection as selectionSchema, type Selection, type SetSummary } from '../../shared/knowledge'
import { queryClient, trpc } from '../rpc/client'
import { EVERYTHING } from '../knowledge/selection'
import { preference, setPreference, usePreference } from './preferences'

const SET_PLACE = 'set'

export interface CurrentSet {
  /** Undefined while they are read. */
  readonly sets: readonly SetSummary[] | undefined
  readonly error: { readonly message: string } | null
  readonly set: SetSummary | null
  readonly pick: (id: string) => void
  readonly selection: Selection
  readonly select: (selection: Selection) => void
}

export function useCurrentSet(): CurrentSet {
  const [chosen] = usePreference<string>(SET_PLACE, '')
  const { data: sets, error } = useQuery(trpc.sets.list.queryOptions())
  const set = sets?.find(({ id }) => id === chosen) ?? sets?.[0] ?? null
  const { selection, select } = useSelection(set?.id ?? 'none')
  return { sets, error, set, pick: pickSet, selection, select }
}

/** What is taken of a set. */
export function useSelection(set: string): Pick<CurrentSet, 'selection' | 'select'> {
  const place = selectionPlace(set)
  const [selection] = usePreference<Selection>(place, EVERYTHING, (value) => selectionSchema.safeParse(value).success)
  const select = useCallback((next: Selection) => selectOf(set, next), [set])
  return { selection, select }
}

export function pickSet(id: string): void {
  setPreference(SET_PLACE, id)
  void queryClient.invalidateQueries(trpc.sets.pathFilter())
}

/** Which is shown, for who is no component; null: the first. */
export function pickedSet(): string | null {
  const chosen = preference(SET_PLACE)
  return typeof chosen === 'string' ? chosen : null
}

/** What is taken of a set, for who is no component. */
export function selectionOf(set: string): Selection {
  const { success, data } = selectionSchema.safeParse(preference(selectionPlace(set)))
  return success ? data : EVERYTHING
}

/** Takes so much of a set, which need not be the current one. */
export function selectOf(set: string, selection: Selection): void {
  setPreference(selectionPlace(set), isEverything(selection) ? null : selection)
}

function selectionPlace(set: string): string {
  return `selection.${set}`
}

function isEverything({ include, exclude }: Selection): boolean {
  return include.length === 0 && exclude.length === 0
}
