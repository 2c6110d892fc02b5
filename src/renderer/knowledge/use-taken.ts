/** What is taken of a set, and what clicks make of it: the workbench sums, the page keeps a list of exclusions. */
import { useEffect } from 'react'
import type { NodeId, Selection } from '../../shared/knowledge'
import type { Selected } from '../../shared/outline'
import { useSelection } from '../shell/current-set'
import { useSelected } from './outline'

export interface Taken {
  readonly selection: Selection
  readonly select: (selection: Selection) => void
  readonly sums: Selected | undefined
  /** The selection as exclusions alone; null while the workbench is asked for them. */
  readonly exclude: readonly NodeId[] | null
}

export function useTaken(set: string): Taken {
  const { selection, select } = useSelection(set === '' ? 'none' : set)
  const { sums, fresh } = useSelected(set, selection)
  useEffect(() => {
    // What was removed or replaced is not to be refused in a question.
    if (fresh && sums && sums.unknown.length > 0) select({ include: [], exclude: [...sums.exclude] })
  }, [fresh, sums, select])
  const exclude = selection.include.length === 0 ? selection.exclude : fresh && sums ? sums.exclude : null
  return { selection, select, sums, exclude }
}
