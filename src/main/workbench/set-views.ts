/** How sets, documents and what of them is taken are shown, whatever their size. */
import { WorkbenchError } from '../../shared/errors'
import type { NodeHits } from '../../shared/hits'
import { selection as selectionShape, type DocumentNode, type NodeId, type SetSummary, type SetTree } from '../../shared/knowledge'
import { outlinePage, type DocumentDetail } from '../../shared/outline'
import type { Workbench } from '../../shared/workbench'
import { gatherEvidence } from '../build/evidence'
import type { KeyedDocument, Knowledge } from '../build/knowledge'
import type { Making } from '../build/making'
import { Outlines, type Outline } from '../build/outlines'
import { selectedOf, type SelectableChunk } from '../build/selected'
import { documentNode, setTree } from '../build/set-tree'
import { suggestionsByName } from '../build/suggestions'
import type { Chunks } from '../documents/chunks'
import type { Library } from '../documents/library'
import { parseNodeId } from '../documents/node-id'
import { SavedSelections } from '../documents/saved-selections'
import type { KnowledgeSet, Sets } from '../documents/sets'
import { added, figuresOf, NOTHING } from '../metrics/figures'
import { hitRatesOf, type Standing } from '../metrics/parts'
import { reasonRows } from '../metrics/reasons'
import type { OpenModel } from '../session/models'
import { placeSums, placeSumsOf } from '../store/hit-sums'
import { missesOf, reasonsOf } from '../store/node-misses'
import type { Store } from '../store/store'

export interface SetViewsParts {
  readonly store: Store
  readonly sets: Sets
  readonly library: Library
  readonly chunks: Chunks
  readonly knowledge: Knowledge
  readonly openModel: (id: string) => Promise<OpenModel>
  readonly making: Making
}

export interface SetViews {
  readonly sets: Pick<Workbench['sets'], 'show' | 'outline' | 'cacheBytes' | 'selected' | 'rename'>
  readonly selections: Workbench['selections']
  readonly document: Workbench['documents']['show']
  readonly hitsOf: Workbench['hits']['of']
}

/** Misses that are told one by one. */
const MISSES = 5

export function setViews(parts: SetViewsParts): SetViews {
  const { sets, library, store } = parts
  const saved = new SavedSelections(store.sql)
  const outlines = new Outlines(parts)
  const outlineOf = async (set: KnowledgeSet): Promise<Outline> => await outlines.read(set, await parts.openModel(set.model))
  return {
    sets: {
      show: async (wanted) => await treeOf(parts, sets.find(wanted)),
      outline: async (wanted, input = {}) => {
        const { offset, limit } = outlinePage.parse(input)
        const set = sets.find(wanted)
        const { documents, rows, ...sums } = await outlineOf(set)
        return {
          ...summaryOf(set),
          ...sums,
          documents: rows.length,
          suggestions: suggestionsByName(set, () =>
            documents.map((row) => ({ row, sections: library.sections(row.versionRow) })),
          ),
          rows: rows.slice(offset, offset + limit),
        }
      },
      cacheBytes: async (wanted) => {
        const set = sets.find(wanted)
        return await outlines.bytes(set, await parts.openModel(set.model))
      },
      selected: async (wanted, input) => {
        const selection = selectionShape.parse(input)
        const set = sets.find(wanted)
        const { documents, rows } = await outlineOf(set)
        const { identity } = await parts.openModel(set.model)
        const versions = new Map(documents.map(({ id, versionRow }) => [id, versionRow]))
        const chunksOf = (document: number): SelectableChunk[] =>
          store.chunkKeys
            .presence(versions.get(document) ?? 0, identity.fingerprint)
            .map(({ found, ...chunk }) => ({ ...chunk, isCached: found === 2 }))
        const selectable = rows.map((row, at) => ({ ...row, id: documents[at]?.id ?? 0 }))
        return selectedOf(selectable, selection, chunksOf)
      },
      rename: async (wanted, name) => summaryOf(sets.rename(sets.find(wanted), name)),
    },
    selections: {
      list: async (wanted) => saved.list(sets.find(wanted)),
      save: async (wanted, name, input) => saved.save(sets.find(wanted), name, selectionShape.parse(input)),
      remove: async (wanted, name) => saved.remove(sets.find(wanted), name),
    },
    document: async (id) => {
      const { document, section } = parseNodeId(id)
      if (section !== null)
        throw new WorkbenchError('argument.invalid', `Expected the id of a document (d${document}) but got ${id}.`)
      return await detailOf(parts, document)
    },
    hitsOf: async (id) => await hitsOf(parts, id),
  }
}

export function summaryOf({ id, name, model, profile, documents, createdAt }: KnowledgeSet): SetSummary {
  return { id, name, model, profile, documents, createdAt }
}

async function treeOf({ store, chunks, knowledge, openModel, making }: SetViewsParts, set: KnowledgeSet): Promise<SetTree> {
  const model = await openModel(set.model)
  const documents = await knowledge.read(set.row, model)
  const evidence = gatherEvidence(store, chunks, { documents, tokenizer: model.tokenizer.digest, making: making.read().keys })
  const hitRates = hitRatesOf(placeSums(store.sql, { set: set.id, since: null }), standingOf(documents))
  return setTree(set, documents, { store, model: model.identity.fingerprint, evidence, hitRates })
}

async function detailOf(parts: SetViewsParts, id: number): Promise<DocumentDetail> {
  const { store, chunks, sets, library, knowledge, making } = parts
  const row = library.find(id)
  const set = sets.find(`set${row.set}`)
  const model = await parts.openModel(set.model)
  const documents = await knowledge.readRows([row], model)
  const evidence = gatherEvidence(store, chunks, { documents, tokenizer: model.tokenizer.digest, making: making.read().keys })
  const hitRates = hitRatesOf(placeSumsOf(store.sql, set.id, id), standingOf(documents))
  const node = documentNode(documents[0] as KeyedDocument, { model: model.identity.fingerprint, evidence, hitRates })
  return { ...node, set: set.id }
}

function noPart(title: string, id: NodeId): WorkbenchError {
  return new WorkbenchError(
    'not-found',
    { id: 'document.part-gone', params: { title, id } },
  )
}

function standingOf(documents: readonly KeyedDocument[]): Standing {
  return {
    documents: new Map(documents.map(({ row }) => [row.id, row.title])),
    sections: new Map(),
    chunks: documents.flatMap(({ chunks }) => chunks),
  }
}

async function hitsOf(parts: SetViewsParts, id: NodeId): Promise<NodeHits> {
  const { sql } = parts.store
  const detail = await detailOf(parts, parseNodeId(id).document)
  const node = nodeIn(detail, id)
  const reasons = reasonRows(reasonsOf(sql, { set: detail.set, node: id }), detail.set)
  const sums = placeSumsOf(sql, detail.set, parseNodeId(id).document).filter(
    (sum) => sum.node === id || sum.node.startsWith(`${id}.`),
  )
  return {
    ...figuresOf(sums.reduce(added, NOTHING)),
    reasons,
    misses: missesOf(sql, { set: detail.set, node: id }, MISSES),
    // What a build mends is mended once the caches are there.
    mend: reasons.find(({ mend }) => mend !== 'build' || node.state !== 'cached') ?? null,
  }
}

/** @throws not-found */
function nodeIn(document: DocumentNode, id: NodeId): Pick<DocumentNode, 'id' | 'state'> {
  const nodes = [document, ...document.sections, ...document.sections.flatMap(({ chunks }) => chunks)]
  const found = nodes.find((node) => node.id === id)
  if (found) return found
  throw noPart(document.title, id)
}
