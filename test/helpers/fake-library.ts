/** What the fake workbench says of sets of any size: outlines, documents one by one, saved selections, misses. */
import { WorkbenchError } from '../../src/shared/errors'
import type { NodeHits } from '../../src/shared/hits'
import { selection as selectionShape, type DocumentNode, type SetSummary, type Suggestion } from '../../src/shared/knowledge'
import { outlinePage, type DocumentOutline, type SavedSelection } from '../../src/shared/outline'
import type { Workbench } from '../../src/shared/workbench'
import { selectedOf } from '../../src/main/build/selected'
import { parseNodeId } from '../../src/main/documents/node-id'

export interface FakeSet {
  readonly summary: SetSummary
  readonly documents: DocumentNode[]
  readonly suggestions: Suggestion[]
}

export interface FakeLibrary {
  readonly sets: Pick<Workbench['sets'], 'outline' | 'cacheBytes' | 'selected' | 'rename'>
  readonly selections: Workbench['selections']
  readonly document: Workbench['documents']['show']
  readonly hitsOf: Workbench['hits']['of']
}

export function fakeLibrary(
  sets: readonly FakeSet[],
  find: (name: string) => FakeSet,
  { selections = new Map() }: { readonly selections?: Map<string, SavedSelection[]> } = {},
): FakeLibrary {
  const savedOf = (name: string): SavedSelection[] => {
    const { id } = find(name).summary
    const saved = selections.get(id) ?? []
    selections.set(id, saved)
    return saved
  }
  const documentOf = (id: string): { set: FakeSet; document: DocumentNode } => {
    for (const set of sets) {
      const document = set.documents.find((each) => each.id === id)
      if (document) return { set, document }
    }
    throw new WorkbenchError('not-found', `There is no document ${id}.`)
  }
  return {
    sets: {
      outline: async (name, page = {}) => {
        const { offset, limit } = outlinePage.parse(page)
        const set = find(name)
        const rows = set.documents.map(rowOf)
        return {
          ...set.summary,
          documents: rows.length,
          tokens: sum(rows, 'tokens'),
          chunks: sum(rows, 'chunks'),
          cachedChunks: sum(rows, 'cachedChunks'),
          suggestions: set.suggestions,
          revision: `${rows.length} ${sum(rows, 'cachedChunks')}`,
          rows: rows.slice(offset, offset + limit),
        }
      },
      cacheBytes: async () => 41_000_000,
      selected: async (name, input) => {
        const { documents } = find(name)
        const rows = documents.map((document) => ({ ...rowOf(document), id: numberOf(document.id) }))
        return selectedOf(rows, selectionShape.parse(input), (number) =>
          (documents.find(({ id }) => id === `d${number}`)?.sections ?? []).flatMap(({ chunks }) =>
            chunks.map(({ id, tokens, state }) => {
              const { section, chunk } = parseNodeId(id)
              return { section: section ?? 0, ordinal: chunk ?? 0, tokens, isCached: state === 'cached' }
            }),
          ),
        )
      },
      rename: async (name, next) => {
        if (sets.some(({ summary }) => summary.name === next))
          throw new WorkbenchError('conflict', `There is a set "${next}" already. Choose another name or remove that set.`)
        return Object.assign(find(name).summary, { name: next })
      },
    },
    selections: {
      list: async (name) => savedOf(name).toSorted((a, b) => a.name.localeCompare(b.name)),
      save: async (set, name, input) => {
        const saved = { name, selection: selectionShape.parse(input), savedAt: '2025-01-01T00:00:00.000Z' }
        const all = savedOf(set)
        all.splice(0, all.length, ...all.filter((each) => each.name !== name), saved)
        return saved
      },
      remove: async (set, name) => {
        const all = savedOf(set)
        const found = all.find((each) => each.name === name)
        if (!found) throw new WorkbenchError('not-found', `There is no selection "${name}".`)
        all.splice(all.indexOf(found), 1)
        return found
      },
    },
    document: async (id) => {
      const { set, document } = documentOf(id)
      return { ...document, set: set.summary.id }
    },
    hitsOf: async (id) => {
      const { document } = documentOf(`d${parseNodeId(id).document}`)
      const nodes = [document, ...document.sections, ...document.sections.flatMap(({ chunks }) => chunks)]
      const node = nodes.find((each) => each.id === id)
      return hitsFor(id, node?.hitRate, node?.state === 'cached')
    },
  }
}

const TOPICS = ['travel', 'remote work', 'invoices', 'holidays', 'security', 'hiring', 'training', 'suppliers', 'fleet']
const STATES = ['cached', 'cached', 'partly', 'missing', 'stale', 'damaged', 'building'] as const
/** Names as people and machines give them. */
const NAMES: Readonly<Record<number, string>> = {
  2: 'He said "no" & left <b>bold</b> <img src=x onerror=alert(1)>',
  3: 'דוח שנתי 2024 – סיכום (טיוטה)',
  4: `A very long name ${'that goes on '.repeat(22)}`.slice(0, 300),
  5: '2024 年差旅规定与远程办公说明',
}

/** Documents of two sections with five chunks each; every seventh and its neighbours in another state. */
export function fakeShelf(documents: number, texts: Map<string, string>): DocumentNode[] {
  return Array.from({ length: documents }, (_, at): DocumentNode => {
    const id = `d${at + 1}`
    const state = STATES[at % STATES.length] ?? 'missing'
    const hitRate = at % 3 === 0 ? (at % 11) / 10 : undefined
    const sections = Array.from({ length: 2 }, (_section, section) => {
      const sectionId = `${id}.s${section + 1}`
      texts.set(sectionId, `## Part ${section + 1}\n\nText of paper ${at + 1}.`)
      const chunks = Array.from({ length: 5 }, (_chunk, chunk) => {
        const chunkId = `${sectionId}.c${chunk + 1}`
        const preview = `Passage ${chunk + 1} of paper ${at + 1}`
        texts.set(chunkId, `${preview}, part ${section + 1}.`)
        const own = state === 'partly' && chunk > 2 ? 'missing' : state === 'partly' ? 'cached' : state
        return { id: chunkId, tokens: 30 + chunk, state: own, variants: own === 'cached' ? (['bos', 'document'] as const) : [], hitRate, preview }
      })
      return { id: sectionId, title: `Part ${section + 1}`, level: 2, tokens: 160, state, hitRate, chunks }
    })
    texts.set(id, `Text of paper ${at + 1}.`)
    const title = NAMES[at + 1] ?? `Paper ${at + 1} on ${TOPICS[at % TOPICS.length]}`
    const facts = { id, title, source: `papers/paper-${at + 1}.md`, version: state === 'stale' ? 2 : 1, bytes: 4100 }
    return { ...facts, tokens: 320, state, hitRate, importedAt: '2025-01-01T00:00:00.000Z', sections }
  })
}

/** What no question took has no history. */
function hitsFor(node: string, hitRate: number | undefined, isCached: boolean): NodeHits {
  if (hitRate === undefined)
    return { times: 0, tokens: 0, reused: 0, recomputed: 0, missed: 0, hitRate: null, reasons: [], misses: [], mend: null }
  const missed = Math.round(1000 * (1 - hitRate))
  const figures = { times: 10, tokens: 1000, reused: 1000 - missed, recomputed: 0, missed, hitRate }
  if (missed === 0) return { ...figures, reasons: [], misses: [], mend: null }
  const reason = {
    kind: 'missed' as const,
    reason: 'never-built' as const,
    times: 4,
    tokens: missed,
    share: missed / 1000,
    why: 'its cache was never built',
    mend: 'build' as const,
    remedy: 'Build the set: kvasir build set1',
  }
  const question = 'How many remote days per month?'
  const miss = { query: 3, askedAt: '2025-01-31T12:00:00.000Z', question, node, tokens: 120, reason: 'never-built' as const }
  return { ...figures, reasons: [reason], misses: [miss], mend: isCached ? null : reason }
}

function rowOf({ id, title, tokens, state, hitRate, version, sections }: DocumentNode): DocumentOutline {
  const chunks = sections.flatMap((section) => section.chunks)
  const cachedChunks = chunks.filter((chunk) => chunk.state === 'cached').length
  return { id, title, tokens, state, version, chunks: chunks.length, cachedChunks, ...(hitRate !== undefined && { hitRate }) }
}

function numberOf(id: string): number {
  return parseNodeId(id).document
}

function sum<Name extends string>(rows: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return rows.reduce((total, row) => total + row[name], 0)
}
