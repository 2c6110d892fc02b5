/** Documents of the fake workbench: its sample, how text is cut into words, and what becomes of chunks. */
import type { ChunkTrace, Trace } from '../../src/shared/answer'
import type { CacheState, ChunkNode, DocumentNode, SectionNode, Selection, SetTree } from '../../src/shared/knowledge'
import type { FakeSet } from './fake-library'

export const SAMPLE = [
  {
    name: 'travel-policy.md',
    text: `# Travel policy 2025

Trips are booked by the team office.

## Trains

Trains are preferred below six hours. The regional lead approves first class.

## Flights

Flights need the approval of the regional lead. Night flights are not reimbursed.
`,
  },
  {
    name: 'handbook.md',
    text: `# Handbook 2024

This handbook is for everyone.

## Working hours

Core hours are from ten to three.

Overtime is written down by the week.

## Parental leave

Parental leave is sixteen weeks.

## Remote work

Teams may work remotely up to eight days each month.
`,
  },
  { name: 'minutes.txt', text: 'Minutes, March\n\nThe limit of remote days is now ten days each month.\n' },
]

/** What became of each selected chunk: cached ones are hits, in the variant that the selection allows. */
export function trace(set: FakeSet, selection: Selection, strategy: Trace['strategy']): ChunkTrace[] {
  return set.documents.flatMap((document) =>
    document.sections.flatMap((section) =>
      section.chunks
        .filter(({ id }) => selected(id, selection))
        .map((chunk): ChunkTrace => {
          const place = { id: chunk.id, document: document.title, section: section.title, tokens: chunk.tokens, recomputed: [] }
          if (strategy === 'full') return { ...place, profile: null, outcome: { kind: 'miss', reason: 'strategy' } }
          if (chunk.state !== 'cached') return { ...place, profile: null, outcome: { kind: 'miss', reason: 'never-built' } }
          const whole = !selection.exclude.some((id) => id.startsWith(`${document.id}.`))
          const poorer = whole ? null : 'no-tail'
          const recomputed = /^(link|mix|blend|auto)/.test(strategy) ? ([[0, Math.min(2, chunk.tokens)]] as const) : []
          return { ...place, recomputed, profile: 'f16', outcome: { kind: 'hit', variant: whole ? 'document' : 'bos', poorer } }
        }),
    ),
  )
}

function selected(chunk: string, { include, exclude }: Selection): boolean {
  const parts = chunk.split('.')
  for (let length = parts.length; length > 0; length--) {
    const id = parts.slice(0, length).join('.')
    if (exclude.includes(id)) return false
    if (include.includes(id)) return true
  }
  return include.length === 0
}

export function tree(set: FakeSet): SetTree {
  const chunks = leaves(set.documents)
  return {
    ...set.summary,
    documents: set.documents.length,
    tokens: set.documents.reduce((sum, { tokens }) => sum + tokens, 0),
    chunks: chunks.length,
    cachedChunks: chunks.filter(({ state }) => state === 'cached').length,
    cacheBytes: 41_000_000,
    tree: [...set.documents],
    suggestions: set.suggestions,
  }
}

export function leaves(documents: readonly DocumentNode[]): ChunkNode[] {
  return documents.flatMap(({ sections }) => sections.flatMap(({ chunks }) => chunks))
}

export function built(document: DocumentNode, chunkId: string): DocumentNode {
  const sections = document.sections.map((section): SectionNode => {
    const chunks = section.chunks.map((chunk): ChunkNode =>
      chunk.id === chunkId ? { ...chunk, state: 'cached', variants: ['bos', 'document'] } : chunk,
    )
    return { ...section, chunks, state: joint(chunks) }
  })
  return { ...document, sections, state: joint(sections) }
}

function joint(parts: readonly { readonly state: CacheState }[]): CacheState {
  return parts.every(({ state }) => state === 'cached')
    ? 'cached'
    : parts.some(({ state }) => state !== 'missing')
      ? 'partly'
      : 'missing'
}

export function parse(id: string, file: { name: string; text: string }, texts: Map<string, string>): DocumentNode {
  const title = /^#\s+(.+)$/m.exec(file.text)?.[1] ?? file.text.split('\n')[0]!
  const sections = file.text
    .split(/^(?=#)/m)
    .filter((part) => part.trim())
    .map((part, index): SectionNode => {
      const heading = /^(#+)\s+(.+)\n/.exec(part)
      const sectionId = `${id}.s${index + 1}`
      texts.set(sectionId, part)
      const chunks = part
        .split(/\n\n+/)
        .filter((text) => text.trim() && !text.startsWith('#'))
        .map((text, at): ChunkNode => {
          const chunkId = `${sectionId}.c${at + 1}`
          texts.set(chunkId, text)
          return {
            id: chunkId,
            tokens: text.trim().split(/\s+/).length,
            state: 'missing',
            variants: [],
            preview: text.trim().slice(0, 80),
          }
        })
      return {
        id: sectionId,
        title: heading?.[2] ?? title,
        level: heading?.[1]?.length ?? 0,
        tokens: chunks.reduce((sum, { tokens }) => sum + tokens, 0),
        state: 'missing',
        chunks,
      }
    })
  return {
    id,
    title,
    source: file.name,
    version: 1,
    bytes: file.text.length,
    tokens: sections.reduce((sum, { tokens }) => sum + tokens, 0),
    state: 'missing',
    importedAt: '2025-01-01T00:00:00.000Z',
    sections,
  }
}
