/** A model as queries and builds see it: identity, tokenizer, prompt frame; weights are loaded when first needed. */
import type { LoadedModel, LoadOptions } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import type { KnownModel } from '../../shared/workbench'
import type { Tokenizer } from '../documents/chunks'
import type { Engine } from '../engine/engine'
import type { ModelRegistry } from '../engine/model-registry'
import type { ModelIdentity } from '../store/key'
import { rememberedTokens } from '../store/prefixes'
import type { Sql } from '../store/sql'
import { chatFrame, type Frame } from './frame'

export interface OpenModel {
  readonly summary: KnownModel
  readonly identity: ModelIdentity
  readonly tokenizer: Tokenizer
  readonly frame: Frame
  /** Tokens of a prefix, BOS included where the model wants one. */
  prefixTokens(prefix: string, signal?: AbortSignal): Promise<readonly number[]>
  /** Tokens of the text behind the knowledge, control tokens parsed. */
  tailTokens(tail: string, signal?: AbortSignal): Promise<readonly number[]>
  /** Checks that the file is still the one that was added, and loads it. */
  load(signal?: AbortSignal): Promise<LoadedModel>
}

export interface ModelSource {
  readonly engine: Pick<Engine, 'call'>
  readonly registry: Pick<ModelRegistry, 'find' | 'current'>
  readonly sql: Sql
  readonly options: LoadOptions
}

/** @throws not-found, model.unsupported */
export async function openModel(id: string, { engine, registry, sql, options }: ModelSource): Promise<OpenModel> {
  const summary = registry.find(id)
  const { bosToken, addBos, tokenizerDigest, contextLength, fingerprint } = summary
  const frame = chatFrame(summary)
  const currentPath = async (signal?: AbortSignal): Promise<string> => {
    const current = await registry.current(id, { signal })
    if (current.fingerprint === fingerprint) return current.path
    throw new WorkbenchError(
      'object.mismatch',
      `Expected model '${id}' to be ${fingerprint.slice(0, 8)}… as it was when this work began, but it was added again ` +
        `from another file (${current.fingerprint.slice(0, 8)}…) meanwhile. Try once more.`,
    )
  }
  const load = async (signal?: AbortSignal): Promise<LoadedModel> => {
    const path = await currentPath(signal)
    const loaded = await engine.call('load', { path, options }, { signal })
    // What was loaded is what was looked at only if the file is still that one.
    await currentPath(signal)
    return loaded
  }
  const tokenize = async (texts: string[], special: boolean, signal?: AbortSignal): Promise<number[][]> => {
    const { model } = await load(signal)
    return await engine.call('tokenize', { model, texts, special }, { signal })
  }
  const withBos = async (text: string, signal?: AbortSignal): Promise<readonly number[]> => {
    const [tokens = []] = text === '' ? [] : await tokenize([text], true, signal)
    return bosToken && addBos && tokens[0] !== bosToken.id ? [bosToken.id, ...tokens] : tokens
  }
  const prefixTokens = (prefix: string, signal?: AbortSignal): Promise<readonly number[]> =>
    rememberedTokens(sql, tokenizerDigest, { text: prefix, tokenize: () => withBos(prefix, signal) })
  const prefix = await prefixTokens(frame.prefix)
  // Templates may write out a BOS that the tokenizer would not add by itself.
  const hasBos = bosToken !== null && (addBos || prefix[0] === bosToken.id)
  return {
    summary,
    identity: { fingerprint, bos: hasBos ? [bosToken.id] : [], prefix, contextLength },
    tokenizer: { digest: tokenizerDigest, tokenize: (texts) => tokenize(texts, false) },
    frame,
    prefixTokens,
    tailTokens: async (tail, signal) => (await tokenize([tail], true, signal))[0] ?? [],
    load,
  }
}
