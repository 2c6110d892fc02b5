/** Ids as people type them: `d12`, `d12.s3`, `d12.s3.c2`. */
import { WorkbenchError } from '../../shared/errors'
import type { NodeId } from '../../shared/knowledge'

export interface NodePlace {
  readonly document: number
  /** From 1; null for the whole document. */
  readonly section: number | null
  /** From 1; null for the whole section. */
  readonly chunk: number | null
}

export function documentId(document: number): NodeId {
  return `d${document}`
}

export function sectionId(document: number, section: number): NodeId {
  return `d${document}.s${section}`
}

export function chunkId(document: number, section: number, chunk: number): NodeId {
  return `d${document}.s${section}.c${chunk}`
}

/** @throws argument.invalid */
export function parseNodeId(id: string): NodePlace {
  const match = /^d(\d{1,15})(?:\.s(\d{1,9})(?:\.c(\d{1,9}))?)?$/.exec(id)
  if (!match)
    throw new WorkbenchError('argument.invalid', `Expected an id like d12, d12.s3 or d12.s3.c2 but got "${id}".`)
  return { document: Number(match[1]), section: number(match[2]), chunk: number(match[3]) }
}

function number(part: string | undefined): number | null {
  return part === undefined ? null : Number(part)
}

/** The id and those it lies in, most specific first. */
export function idChain(id: NodeId): NodeId[] {
  const parts = id.split('.')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('.'))
}
