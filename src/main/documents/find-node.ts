import { WorkbenchError } from '../../shared/errors'
import type { NodeId } from '../../shared/knowledge'

const SHOWN = 6

/** A set's parts by their names. */
export interface NamedTree {
  /** Of the set. */
  readonly name: string
  readonly tree: readonly {
    readonly id: NodeId
    readonly title: string
    readonly source: string
    readonly sections: readonly {
      readonly id: NodeId
      readonly title: string
      readonly chunks: readonly { readonly id: NodeId }[]
    }[]
  }[]
}

/**
 * Ids of what people name: an id, a document's title, source or file name, a section's title, or `document/section`.
 * Case does not matter; a name that fits a document is not looked for among sections.
 * @throws not-found, or argument.invalid where several fit
 */
export function findNodes({ name: set, tree }: NamedTree, names: readonly string[]): NodeId[] {
  const documents = tree.map((node) => ({
    id: node.id,
    names: [node.title, node.source, node.source.split(/[\\/]/).at(-1) ?? ''].map(fold),
  }))
  const sections = tree.flatMap((node, index) =>
    node.sections.map(({ id, title }) => ({
      id,
      names: [fold(title), ...(documents[index]?.names ?? []).map((document) => `${document}/${fold(title)}`)],
    })),
  )
  const ids = new Set(
    tree.flatMap((node) => [
      node.id,
      ...node.sections.flatMap(({ id, chunks }) => [id, ...chunks.map((chunk) => chunk.id)]),
    ]),
  )
  return names.map((name) => {
    if (ids.has(name)) return name
    const fitting = [documents, sections]
      .map((nodes) => nodes.filter((node) => node.names.includes(fold(name))))
      .find((nodes) => nodes.length > 0)
    if (!fitting)
      throw new WorkbenchError(
        'not-found',
        `"${set}" has no document or section "${name}". \`kvasir sets show\` lists them with their ids.`,
      )
    const [only, ...others] = fitting
    if (!only || others.length > 0) {
      const shown = fitting
        .slice(0, SHOWN)
        .map(({ id }) => id)
        .join(', ')
      throw new WorkbenchError(
        'argument.invalid',
        `"${name}" names ${fitting.length} parts of "${set}": ${shown}. Give the id of one.`,
      )
    }
    return only.id
  })
}

function fold(name: string): string {
  return name.trim().replace(/\s+/g, ' ').toLocaleLowerCase('en')
}
