/** One prompt, brought to its first token in one way. */
import type { LoadedModel, Recompute, Segment } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import type { Engine } from '../engine/engine'
import { sampleOf, type Sample } from './samples'

export const SUB_BATCH = 512
/** Tokens of a question that stand for it where its own time does not matter. */
const QUESTION_BEGINNING = 8
const GREEDY = { temperature: 0, topK: 1, topP: 1, minP: 0, seed: 0 }

export interface Bench {
  readonly engine: Engine
  readonly model: LoadedModel
  readonly signal?: AbortSignal
}

/** How a context is put together; the last segment is the question. */
export interface Composed {
  readonly segments: readonly Segment[]
  readonly recompute: Recompute
}

/** Tokens of the prompt. */
export interface Prompt {
  readonly knowledge: number
  readonly question: number
}

export interface FirstTokenOptions {
  /** The call before has left the context in place; default false. */
  readonly resident?: boolean
  /** Decoded caches are kept in engine memory and taken from it; default false: every cache is read from its file. */
  readonly memory?: boolean
}

/** One greedy token by the engine; timed from the request here to its arrival here. */
export async function firstToken(
  bench: Bench,
  composed: Composed,
  prompt: Prompt,
  { resident = false, memory = false }: FirstTokenOptions = {},
): Promise<Sample> {
  const started = performance.now()
  let ttftMs: number | undefined
  const result = await bench.engine.call(
    'answer',
    {
      model: bench.model.model,
      segments: [...composed.segments],
      recompute: composed.recompute,
      resident,
      memory,
      sampling: GREEDY,
      maxTokens: 1,
      stop: [],
      subBatch: SUB_BATCH,
    },
    {
      signal: bench.signal,
      onEvent: (event) => {
        if (event.type === 'first-token') ttftMs = performance.now() - started
      },
    },
  )
  if (resident && !result.wasResident) {
    throw new WorkbenchError(
      'internal',
      'Expected the context of the call before to be in engine memory still, but it was not.',
    )
  }
  return sampleOf(result, { ttftMs: ttftMs ?? performance.now() - started, ...prompt })
}

/** The question over a context that the call before, with only the question's beginning, has left in engine memory. */
export async function residentFirstToken(bench: Bench, composed: Composed, prompt: Prompt): Promise<Sample> {
  const segments = composed.segments.map((segment, at) =>
    at === composed.segments.length - 1 ? { ...segment, tokens: segment.tokens.slice(0, QUESTION_BEGINNING) } : segment,
  )
  await firstToken(bench, { ...composed, segments }, prompt)
  return await firstToken(bench, composed, prompt, { resident: true })
}

/** Full prefill by libllama. */
export async function libllamaFirstToken(bench: Bench, composed: Composed, prompt: Prompt): Promise<Sample> {
  const tokens = composed.segments.flatMap((segment) => segment.tokens)
  const { ms } = await bench.engine.call(
    'bench',
    { model: bench.model.model, who: 'libllama', what: 'prefill', tokens, steps: 1, subBatch: SUB_BATCH },
    { signal: bench.signal },
  )
  return { ...prompt, ttftMs: ms }
}
