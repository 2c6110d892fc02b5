/** The gate on real models: sound ones pass, and an engine or caches that are not sound do not. */
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadOptions, type EngineCalls, type EngineMethod } from '../../src/shared/engine'
import type { ModelVerdict } from '../../src/shared/calibration'
import type { Engine } from '../../src/main/engine/engine'
import { ModelRegistry } from '../../src/main/engine/model-registry'
import { checkModel } from '../../src/main/session/check-model'
import { openModel } from '../../src/main/session/models'
import { modelRows } from '../../src/main/store/model-rows'
import { openStore } from '../../src/main/store/store'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'
import { tinyModel, type TinyModel } from '../helpers/tiny-model'

const DEMO = resolve(import.meta.dirname, '../../models/demo/demo.gguf')

/** Changes what reaches the engine, as a fault in it would. */
type Fault = <M extends EngineMethod>(method: M, params: EngineCalls[M]['params']) => EngineCalls[M]['params']
const none: Fault = (_, params) => params

async function check(path: string, fault: Fault = none): Promise<ModelVerdict> {
  await using folder = await tempFolder()
  await using real = testEngine()
  await using store = await openStore(folder.path)
  const engine: Pick<Engine, 'call'> = {
    call: (method, params, options) => real.call(method, fault(method, params), options),
  }
  const registry = new ModelRegistry(engine as Engine, modelRows(store.sql))
  const { id } = await registry.add(path)
  const options = loadOptions.parse({ device: 'cpu', threads: 1 })
  const model = await openModel(id, { engine, registry, sql: store.sql, options })
  const loaded = await model.load()
  const signal = new AbortController().signal
  return await checkModel({ engine, store, model, loaded, signal }, { engineVersion: 'test' })
}

const results = ({ checks }: ModelVerdict): string => checks.map(({ name, result }) => `${name} ${result}`).join(', ')
const is = <M extends EngineMethod>(wanted: M, method: EngineMethod, params: unknown): params is EngineCalls[M]['params'] =>
  wanted === method && params !== null

describe('sound models pass', () => {
  it('the bundled one, every check of it, with almost all that full prefill knows', async () => {
    const verdict = await check(DEMO)
    expect(results(verdict)).toBe('parity passed, equality passed, shift passed, needle passed')
    expect(verdict.checks[0]?.detail).toContain('192 tokens, with its kernels: the same logits bit for bit;')
    expect(verdict.checks[3]?.detail).toMatch(/4 of 4 planted numbers, .* keep (9|1[0-2])\d % and .* (9|1[0-2])\d %/)
  })

  it.each([
    { type: 'f32' },
    { architecture: 'qwen2', type: 'q8_0', layers: 5 },
    { architecture: 'qwen3', type: 'q4_0' },
    { architecture: 'llama', type: 'bf16', layers: 1 },
  ] satisfies TinyModel[])('random weights, which find no needle: %o', async (model) => {
    const verdict = await check(await tinyModel(model))
    expect(results(verdict)).toBe('parity passed, equality passed, shift passed, needle skipped')
    expect(verdict.passed).toBe(true)
  })
})

describe('what is not sound fails', () => {
  it('equality when one row is left out of what is computed again', async () => {
    const verdict = await check(await tinyModel(), (method, params) => {
      if (!is('answer', method, params) || params.recompute?.kind !== 'rows') return params
      return { ...params, recompute: { kind: 'rows', rows: params.recompute.rows.slice(1) } }
    })
    expect(results(verdict)).toBe('parity passed, equality failed, shift passed, needle skipped')
    expect(verdict.passed).toBe(false)
  })

  it('needle when caches hold the K/V of another order of the text', async () => {
    const verdict = await check(DEMO, (method, params) => {
      if (!is('encode', method, params)) return params
      return { ...params, chunks: params.chunks.map((chunk) => ({ ...chunk, tokens: chunk.tokens.toReversed() })) }
    })
    expect(results(verdict)).toBe('parity passed, equality passed, shift passed, needle failed')
  })
})
