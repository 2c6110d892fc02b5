import type { Suggestion } from '../../shared/knowledge'
import type { Workbench } from '../../shared/workbench'
import type { NamedTree } from '../documents/find-node'

/** A set that is going to be asked. */
export interface SetToAsk extends NamedTree {
  readonly id: string
  readonly suggestions: readonly Suggestion[]
}

/** With its parts only where some are named: without them a set of any size is read in a moment. */
export async function setToAsk(
  { sets }: Pick<Workbench, 'sets'>,
  set: string,
  ...named: readonly (readonly string[] | undefined)[]
): Promise<SetToAsk> {
  if (named.some((names) => (names?.length ?? 0) > 0)) return await sets.show(set)
  return { ...(await sets.outline(set, { limit: 0 })), tree: [] }
}
