/**
 * Tri-state maths of the tree: what of a set a question takes. The page keeps the shortest list of excluded ids (`d1`
 * rather than all of its chunks), so that a document excluded whole stays so when a new version of it comes in.
 */
import type { ChunkNode, DocumentNode, NodeId, Selection } from '../../shared/knowledge'

export type Check = 'on' | 'off' | 'partly'

export interface Selected {
  readonly check: Check
  readonly tokens: number
  readonly chunks: number
  readonly cachedChunks: number
  readonly documents: number
}

export const EVERYTHING: Selection = { include: [], exclude: [] }

/** The check of every node of the tree, and the sums of what is on. */
export function checks(
  tree: readonly DocumentNode[],
  selection: Selection,
): { of: ReadonlyMap<NodeId, Check>; sum: Selected } {
  const of = new Map<NodeId, Check>()
  const isOff = offTest(selection)
  let tokens = 0
  let chunks = 0
  let cachedChunks = 0
  let documents = 0
  for (const document of tree) {
    for (const section of document.sections) {
      for (const chunk of section.chunks) {
        const off = isOff(chunk.id)
        of.set(chunk.id, off ? 'off' : 'on')
        if (off) continue
        tokens += chunk.tokens
        chunks++
        if (chunk.state === 'cached') cachedChunks++
      }
      of.set(
        section.id,
        joint(
          section.chunks.map(({ id }) => of.get(id)),
          isOff(section.id),
        ),
      )
    }
    const check = joint(
      document.sections.map(({ id }) => of.get(id)),
      isOff(document.id),
    )
    of.set(document.id, check)
    if (check !== 'off') documents++
  }
  const check = joint(
    tree.map(({ id }) => of.get(id)),
    false,
  )
  return { of, sum: { check, tokens, chunks, cachedChunks, documents } }
}

/** A click on a node's box: off becomes on, partly becomes on, on becomes off, with all below it. */
export function toggle(tree: readonly DocumentNode[], selection: Selection, id: NodeId): Selection {
  const on = checks(tree, selection).of.get(id) !== 'on'
  const isOff = offTest(selection)
  return compress(tree, (chunk) => (isBelow(chunk.id, id) ? !on : isOff(chunk.id)))
}

/** The shortest list of excluded ids that leaves out exactly the chunks for which `off` holds. */
function compress(tree: readonly DocumentNode[], off: (chunk: ChunkNode) => boolean): Selection {
  const exclude = tree.flatMap((document): NodeId[] => {
    const sections = document.sections.map((section): NodeId[] => {
      const ids = section.chunks.filter(off).map(({ id }) => id)
      return ids.length > 0 && ids.length === section.chunks.length ? [section.id] : ids
    })
    // A section without chunks (a heading alone) does not keep its document in.
    const whole = document.sections.every(
      (section, index) => section.chunks.length === 0 || sections[index]?.[0] === section.id,
    )
    const some = sections.some((ids) => ids.length > 0)
    return whole && some ? [document.id] : sections.flat()
  })
  return { include: [], exclude }
}

/** Of chunks. The rule of `Selection`: the most specific listed id decides; listed nowhere is in, unless `include` has entries. */
export function offTest(selection: Selection): (id: NodeId) => boolean {
  const include = new Set(selection.include)
  const exclude = new Set(selection.exclude)
  return (id) => {
    for (let node = id; node !== ''; node = node.slice(0, Math.max(0, node.lastIndexOf('.')))) {
      if (exclude.has(node)) return true
      if (include.has(node)) return false
    }
    return include.size > 0
  }
}

function isBelow(id: NodeId, ancestor: NodeId): boolean {
  return id === ancestor || id.startsWith(`${ancestor}.`)
}

function joint(parts: readonly (Check | undefined)[], offWhenEmpty: boolean): Check {
  if (parts.length === 0) return offWhenEmpty ? 'off' : 'on'
  const first = parts[0] ?? 'on'
  return parts.every((part) => part === first) ? first : 'partly'
}
