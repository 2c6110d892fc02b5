/**
 * Tri-state maths where only some documents' parts are at hand. What is kept is a list of exclusions; a document of which
 * the list names parts is known exactly once it has been read, and is partly in until then.
 */
import type { DocumentNode, NodeId, Selection } from '../../shared/knowledge'
import { documentOf } from './outline'
import { checks, toggle, type Check } from './selection'

export type Details = ReadonlyMap<NodeId, DocumentNode>

/** The check of any document, and of parts of those that are at hand. */
export function checker(selection: Selection, details: Details): (id: NodeId) => Check {
  const divided = new Set([...selection.include, ...selection.exclude].filter(isPart).map(documentOf))
  const left = new Set(selection.exclude)
  const taken = new Set(selection.include)
  const inner = new Map<NodeId, ReadonlyMap<NodeId, Check>>()
  const whole = (document: NodeId): Check =>
    left.has(document) || (taken.size > 0 && !taken.has(document)) ? 'off' : 'on'
  return (id) => {
    const document = documentOf(id)
    if (!divided.has(document)) return whole(document)
    const detail = details.get(document)
    if (!detail) return 'partly'
    const known = inner.get(document) ?? checks([detail], selection).of
    inner.set(document, known)
    return known.get(id) ?? whole(document)
  }
}

/**
 * What a click on a node's box makes of a list of exclusions: off becomes on, partly becomes on, on becomes off. A part's
 * document has to be at hand.
 */
export function toggled(exclude: readonly NodeId[], id: NodeId, details: Details): Selection {
  const document = documentOf(id)
  const others = exclude.filter((each) => documentOf(each) !== document)
  const own = { include: [], exclude: exclude.filter((each) => documentOf(each) === document) }
  if (id !== document) {
    const detail = details.get(document)
    return detail ? { include: [], exclude: [...others, ...toggle([detail], own, id).exclude] } : { include: [], exclude: [...exclude] }
  }
  const isOn = checker(own, details)(id) === 'on'
  return { include: [], exclude: isOn ? [...others, id] : others }
}

/** Takes in whole documents, or leaves them out. */
export function withDocuments(exclude: readonly NodeId[], documents: readonly NodeId[], on: boolean): Selection {
  const meant = new Set(documents)
  const others = exclude.filter((id) => !meant.has(documentOf(id)))
  return { include: [], exclude: on ? others : [...others, ...documents] }
}

function isPart(id: NodeId): boolean {
  return id.includes('.')
}
