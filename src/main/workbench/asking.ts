/** Questions: asked, estimated before, looked at after. */
import type { z } from 'zod'
import { askRequest } from '../../shared/answer'
import { WorkbenchError } from '../../shared/errors'
import { estimateRequest } from '../../shared/estimate'
import type { Workbench } from '../../shared/workbench'
import type { KnowledgeSet, Sets } from '../documents/sets'
import { ask, type AskServices } from '../session/ask'
import { estimate } from '../session/estimate'
import type { OpenModel } from '../session/models'
import { provenance } from '../session/provenance'
import type { Missed } from '../session/query'
import { tokenTexts } from '../session/token-texts'
import { findCalibration } from '../store/calibrations'
import { findVerdict } from '../store/model-checks'
import { keptQuery } from '../store/query-records'

export interface AskingParts extends Omit<AskServices, 'measured'> {
  readonly sets: Sets
  readonly engineVersion: string
  /** Aborts when the workbench closes. */
  readonly closing: AbortSignal
  readonly openModel: (id: string) => Promise<OpenModel>
  /** Builds in the background what a question missed. */
  readonly keep: (set: KnowledgeSet, missed: Missed) => void
  /** A chunk's text and token ids. @throws not-found, argument.invalid */
  readonly chunkOf: (id: string) => Promise<{ readonly tokens: readonly number[]; readonly model: OpenModel }>
}

export interface Asking extends Pick<Workbench, 'ask' | 'estimate' | 'provenance'> {
  readonly tokens: Workbench['documents']['tokens']
  readonly services: AskServices
}

export function asking({ sets, closing, openModel, ...parts }: AskingParts): Asking {
  const { store } = parts
  const services: AskServices = {
    ...parts,
    measured: {
      verdict: (model, device) => findVerdict(store.sql, model, parts.engineVersion, device),
      calibration: (model, id) => findCalibration(store.sql, model, id),
    },
  }
  const within = (signal?: AbortSignal): AbortSignal => (signal ? AbortSignal.any([signal, closing]) : closing)
  return {
    services,
    async *ask(input, { signal } = {}) {
      const request = checked(askRequest, input)
      const set = sets.find(request.set)
      yield* ask(services, {
        request,
        set,
        model: await openModel(set.model),
        signal: within(signal),
        onMissed: (missed) => {
          if (request.keepMissed) parts.keep(set, missed)
        },
      })
    },
    async estimate(input, { signal } = {}) {
      const request = checked(estimateRequest, input)
      const set = sets.find(request.set)
      return await estimate(services, request, { set, model: await openModel(set.model), signal: within(signal) })
    },
    async provenance(id, { signal } = {}) {
      const kept = keptQuery(store.sql, id)
      if (!kept)
        throw new WorkbenchError(
          'not-found',
          { id: 'query.not-whole', params: { id } },
        )
      const set = sets.find(kept.request.set)
      return await provenance(services, { id, kept, set, model: await openModel(set.model), signal: within(signal) })
    },
    async tokens(id) {
      const { tokens, model } = await parts.chunkOf(id)
      const { model: handle } = await model.load()
      return { id, ...(await tokenTexts(parts.engine, handle, tokens)) }
    },
  }
}

/** @throws argument.invalid */
function checked<T extends z.ZodType>(schema: T, input: z.input<T>): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new WorkbenchError('argument.invalid', `The question does not fit: ${issue?.message ?? 'unknown'}.`, {
    cause: parsed.error,
  })
}
