/** Calibration of a model's coded profiles, on a set's documents: codebooks learnt from some, tried with questions on others. */
import { askRequest } from '../../shared/answer'
import type { LoadedModel } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import type { JobProgress } from '../../shared/jobs'
import type { CodedProfile } from '../../shared/profile'
import { buildMissing } from '../build/build'
import { tokenCount, type KeyedDocument } from '../build/knowledge'
import { suggestionsOf } from '../build/suggestions'
import type { KnowledgeSet } from '../documents/sets'
import { F16 } from '../store/copies'
import { cachedSegment } from '../store/store'
import type { CalibrationServices } from './calibrate/compare'
import { probes, type Probe } from './calibrate/probes'
import { planQuery, segmentsOf } from './compose'
import type { OpenModel } from './models'
import type { F16Cache } from './profiles/coded-files'
import { answersOf, searchProfiles, type FoundProfiles, type ProfileProbe } from './profiles/search'
import { select, type Query } from './query'

export interface ProfilesInput {
  readonly model: OpenModel
  readonly loaded: LoadedModel
  readonly set: KnowledgeSet
  readonly questions: number
  readonly targets: Readonly<Record<Exclude<CodedProfile, 'q8'>, number>>
  /** What each may cost, where that counts for more than its bits. */
  readonly mostKl: Readonly<Partial<Record<CodedProfile, number>>>
  /** For files that are tried; what is chosen lies here afterwards. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onProgress?: (progress: JobProgress) => void
  /** A pause between two measurements, where one is wanted. */
  readonly checkpoint?: () => Promise<void>
}

/** Knowledge in one question at most. */
const MOST_TOKENS = 2048
const QUESTION_SHARE = 0.25
/** One document in so many is asked about; the others are learnt from. */
const ASKED_SHARE = 3
/** Tokens to learn from at most: more change the codebooks little, and every one has to be computed. */
const MOST_LEARNT = 40_000
const MOST_ASKED = 20_000

/**
 * `services.store` takes the caches that this needs, as f16: a store of their own, since nobody asked for them.
 * @throws document.invalid where there are too few documents; cancelled; …
 */
export async function calibrateProfiles(services: CalibrationServices, input: ProfilesInput): Promise<FoundProfiles> {
  const { engine, store, knowledge } = services
  const { model, loaded, set, signal, onProgress } = input
  const { learning, asked } = apart(await knowledge.read(set.row, model, { signal }), set)
  const queries = await queriesOf(services, asked, input)
  const total = answersOf({ layers: loaded.layers, probes: queries, targets: input.targets })
  await buildMissing(engine, store, {
    model: loaded.model,
    identity: model.identity,
    documents: [...learning, ...asked],
    variants: ['document'],
    selections: queries.map(({ included }) => included),
    signal,
    onProgress: ({ done, total: tokens }) =>
      onProgress?.({ step: { code: 'computing', number: Math.floor((100 * done) / Math.max(1, tokens)) }, done: 0, total }),
  })
  const plans = queries.map((query) => planQuery(services, query, { name: 'reuse', bos: false }))
  const learnt = learning.flatMap(({ chunks }) =>
    chunks.filter(({ keys }) => keys.documentFits).map(({ keys, tokens }) => ({ key: keys.document.key, tokens })),
  )
  const keys = [...learnt.map(({ key }) => key), ...plans.flatMap(({ chunks }) => chunks.flatMap(({ key }) => key ?? []))]
  await using lease = await store.open([...new Set(keys)], F16.profile)
  const caches = learnt.map(({ key, tokens }): F16Cache => {
    const segment = cachedSegment(lease, key, [...tokens])
    return { key, path: 'path' in segment ? segment.path : '', tokens: tokens.length }
  })
  return await searchProfiles({
    engine,
    model: loaded.model,
    fingerprint: model.identity.fingerprint,
    layers: loaded.layers,
    threads: loaded.threads,
    folder: input.folder,
    learning: caches,
    probes: plans.map((planned): ProfileProbe => ({ segments: segmentsOf(planned, lease) })),
    targets: input.targets,
    mostKl: input.mostKl,
    signal,
    onProgress,
    checkpoint: input.checkpoint,
  })
}

/** Documents to learn from, and others to ask about; of a large set as many as say enough. */
function apart(
  documents: readonly KeyedDocument[],
  { name }: KnowledgeSet,
): { readonly learning: KeyedDocument[]; readonly asked: KeyedDocument[] } {
  const filled = documents.filter(({ chunks }) => chunks.length > 0)
  const isAsked = (at: number): boolean => at % ASKED_SHARE === 1
  const learning = upTo(MOST_LEARNT, filled.filter((_, at) => !isAsked(at)))
  const asked = upTo(MOST_ASKED, filled.filter((_, at) => isAsked(at)))
  if (learning.length > 0 && asked.length > 0) return { learning, asked }
  throw new WorkbenchError(
    'document.invalid',
    { id: 'calibrate.few-documents', params: { set: name, found: filled.length } },
  )
}

/** The first of them that have so many tokens together; one at least. */
function upTo(tokens: number, documents: readonly KeyedDocument[]): KeyedDocument[] {
  let sum = 0
  return documents.filter((document) => {
    const isTaken = sum < tokens
    sum += tokenCount(document)
    return isTaken
  })
}

async function queriesOf(
  { knowledge }: CalibrationServices,
  asked: readonly KeyedDocument[],
  { set, model, loaded, questions, signal }: ProfilesInput,
): Promise<Query[]> {
  const { contextLength, prefix } = model.identity
  const room = Math.floor(contextLength * (1 - QUESTION_SHARE)) - prefix.length
  const made = probes(asked, {
    count: questions,
    questions: suggestionsOf(set, asked).filter(({ include }) => include.length > 0),
    mostTokens: Math.min(MOST_TOKENS, room),
    seed: set.name,
  })
  if (made.length === 0) {
    throw new WorkbenchError(
      'document.invalid',
      `Expected chunks in "${set.name}" that fit into the context of ${loaded.name}, ${contextLength} tokens; found none.`,
    )
  }
  const queryOf = async ({ question, chunks }: Probe): Promise<Query> => {
    const selection = { include: chunks.map(({ id }) => id) }
    return await select(knowledge, { request: askRequest.parse({ set: set.id, question, selection }), set, model, signal })
  }
  return await Promise.all(made.map(queryOf))
}
