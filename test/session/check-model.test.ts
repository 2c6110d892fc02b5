/** The gate's judgement on scripted figures; on real models: `check-real-models.test.ts`. */
import { writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verdictText, type CheckName, type CheckOutcome, type ModelVerdict } from '../../src/shared/calibration'
import { loadOptions, type ComparedArm, type EngineCalls, type EngineMethod } from '../../src/shared/engine'
import { WorkbenchError } from '../../src/shared/errors'
import type { Engine } from '../../src/main/engine/engine'
import { ModelRegistry } from '../../src/main/engine/model-registry'
import { LEAST_KEPT } from '../../src/main/session/check/needle'
import { drawCodes, needles } from '../../src/main/session/check/needle-text'
import { noiseOf } from '../../src/main/session/check/noise'
import { MOST_CPU_KL } from '../../src/main/session/check/parity'
import { checkModel } from '../../src/main/session/check-model'
import { openModel } from '../../src/main/session/models'
import { modelRows } from '../../src/main/store/model-rows'
import { openStore } from '../../src/main/store/store'
import { FakeEngine, type FakeEngineOptions } from '../helpers/fake-engine'
import { tempFolder } from '../helpers/temp-folder'

type Script = {
  [M in EngineMethod]?: (params: EngineCalls[M]['params']) => unknown
}

const SOUND = { maxDifference: 0, klMean: 0, klMax: 0, top1: 1 }
const ANY_NUMBER = Array.from({ length: 80 }, (_, index) => index + 10).join(' ')

/** How much more full prefill and the three ways of caches believe a number where it is planted, in units of 5 nats. */
const arms = (gains: readonly number[], text = ANY_NUMBER) => (params: EngineCalls['compare']['params']) => {
  const half = params.arms.length / 2
  const own = half > 1 ? gains.slice(1) : gains
  return {
    arms: params.arms.map((_, at): Pick<ComparedArm, 'text' | 'tokens' | 'logProbability'> => ({
      text,
      tokens: [7, 8, 9],
      logProbability: at < half ? -1 : -1 - 5 * (own[at - half] ?? 0),
    })),
  }
}

const SOUND_SCRIPT: Script = {
  parity: () => SOUND,
  shift: () => SOUND,
  answer: () => ({ logitsDigest: 'a' }),
  compare: arms([1, 1, 1, 0.9]),
}

interface Checked {
  readonly verdict: ModelVerdict
  readonly of: (name: CheckName) => CheckOutcome
  readonly phases: readonly string[]
  /** Files left in the store's folder for files to come. */
  readonly left: readonly string[]
  readonly engine: FakeEngine
}

async function check(script: Script = {}, options: FakeEngineOptions = {}, signal?: AbortSignal): Promise<Checked> {
  await using folder = await tempFolder()
  const fake = new FakeEngine(options)
  const all: Script = { ...SOUND_SCRIPT, ...script }
  const engine: Pick<Engine, 'call'> = {
    call: async (method, params, callOptions) => {
      const scripted = all[method] as ((given: unknown) => never) | undefined
      if (!scripted) return await fake.call(method, params, callOptions)
      fake.calls.push({ method, params })
      return await Promise.resolve(scripted(params))
    },
  }
  await using store = await openStore(folder.file('data'))
  await writeFile(folder.file('model.gguf'), 'a model')
  const registry = new ModelRegistry(engine as Engine, modelRows(store.sql))
  const { id } = await registry.add(folder.file('model.gguf'))
  const model = await openModel(id, { engine, registry, sql: store.sql, options: loadOptions.parse({}) })
  const loaded = await model.load()
  const phases: string[] = []
  const verdict = await checkModel(
    { engine, store, model, loaded, signal: signal ?? new AbortController().signal },
    { engineVersion: '1-test', onProgress: ({ step }) => phases.push(step.code) },
  )
  const left = readdirSync(join(folder.file('data'), 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
  const of = (name: CheckName): CheckOutcome => verdict.checks.find((outcome) => outcome.name === name)!
  return { verdict, of, phases, left, engine: fake }
}

describe('a sound model', () => {
  it('passes every check, says so, and leaves no file behind', async () => {
    const { verdict, phases, left, engine } = await check()
    expect(verdict).toMatchObject({ passed: true, engine: '1-test', device: 'cpu' })
    expect(verdict.checks.map(({ name, result }) => `${name} ${result}`)).toEqual([
      'parity passed',
      'equality passed',
      'shift passed',
      'needle passed',
    ])
    expect(verdictText(verdict)).toBe('Passed.')
    expect(phases).toHaveLength(5)
    expect(engine.of('encode').length).toBeGreaterThan(4)
    expect(left).toEqual([])
  })
})

describe('fails', () => {
  const most = { parity: MOST_CPU_KL, shift: noiseOf(new FakeEngine().facts()).most }

  it.each(['parity', 'shift'] as const)('%s beyond its noise, and only beyond', async (name) => {
    const noisy = { maxDifference: 2, klMean: most[name] * 1.01, klMax: 1, top1: 0.5 }
    const beyond = await check({ [name]: () => noisy })
    expect(beyond.verdict.passed).toBe(false)
    expect(beyond.of(name)).toMatchObject({ result: 'failed', detail: expect.stringMatching(/KL .* expected at most/) })
    expect(verdictText(beyond.verdict)).toMatch(new RegExp(`^${name}: `))
    expect((await check({ [name]: () => ({ ...SOUND, klMean: most[name] }) })).verdict.passed).toBe(true)
    expect((await check({ [name]: () => ({ ...SOUND, klMean: Number.NaN }) })).of(name).result).toBe('failed')
  })

  it('parity when our own attention is beyond rounding, though libllama’s kernels agree', async () => {
    const own = (klMean: number) => ({ parity: ({ asLibllama = false }) => ({ ...SOUND, klMean: asLibllama ? 0 : klMean }) })
    expect((await check(own(most.shift * 1.01))).of('parity').result).toBe('failed')
    expect((await check(own(most.shift))).of('parity')).toMatchObject({
      result: 'passed',
      detail: expect.stringContaining('With our own attention'),
    })
  })

  it('shift when one of the distances is bad', async () => {
    const { of } = await check({ shift: ({ offset }) => ({ ...SOUND, klMean: offset === 64 ? 1 : 0 }) })
    expect(of('shift')).toMatchObject({ result: 'failed', detail: expect.stringContaining('worst by 64') })
  })

  it('equality when one way of recomputing gives other logits, and names it', async () => {
    const { of } = await check(
      { answer: ({ recompute }) => ({ logitsDigest: recompute?.kind === 'rows' ? 'b' : 'a' }) },
    )
    expect(of('equality')).toMatchObject({ result: 'failed', detail: expect.stringContaining('by all rows named') })
  })

  it.each([
    ['caches behind the prompt', [1, LEAST_KEPT - 0.01, 1, 1]],
    ['isolated ones that are linked', [1, 1, LEAST_KEPT - 0.01, 1]],
  ])('needle when %s lose too much', async (_, kept) => {
    const { of } = await check({ compare: arms(kept) })
    expect(of('needle')).toMatchObject({ result: 'failed', detail: expect.stringContaining('79 %') })
  })

  it('and goes on with the other checks, also when the engine cannot compute', async () => {
    const { verdict } = await check({
      parity: () => {
        throw new WorkbenchError('engine.failed', 'Expected numbers, got none.')
      },
    })
    expect(verdict.checks.map(({ result }) => result)).toEqual(['failed', 'passed', 'passed', 'passed'])
    expect(verdictText(verdict)).toBe('parity: Expected numbers, got none.')
  })
})

describe('is skipped', () => {
  it('needle where full prefill itself does not tell the numbers apart; plain isolation decides nothing', async () => {
    const { verdict, of } = await check({ compare: arms([0.3, 0.3, 0.3, 0.3]) })
    expect(of('needle')).toMatchObject({ result: 'skipped', detail: expect.stringContaining('Full prefill itself') })
    expect(verdict.passed).toBe(true)
    expect(verdictText(verdict)).toBe('Passed; needle could not be made.')
    expect((await check({ compare: arms([1, 1, 1, 0]) })).of('needle').result).toBe('passed')
  })

  it('parity where there is no room for the weights a second time', async () => {
    const { verdict } = await check({
      parity: () => {
        throw new WorkbenchError('engine.memory', 'Expected 9 GB.')
      },
    })
    expect(verdict.passed).toBe(true)
    expect(verdict.checks[0]).toMatchObject({ result: 'skipped', detail: 'Expected 9 GB.' })
  })

  it('what does not fit into a short context', async () => {
    const { verdict } = await check({}, { contextLength: 64 })
    expect(verdict.checks.map(({ name, result }) => `${name} ${result}`)).toEqual([
      'parity passed',
      'equality skipped',
      'shift passed',
      'needle skipped',
    ])
  })
})

describe('gives no verdict', () => {
  it('when the engine dies or the check is cancelled', async () => {
    const died = check({
      shift: () => {
        throw new WorkbenchError('engine.died', 'The engine died.')
      },
    })
    await expect(died).rejects.toMatchObject({ code: 'engine.died' })
    const stop = new AbortController()
    const cancelled = check({ parity: () => (stop.abort(), SOUND) }, {}, stop.signal)
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('the needle', () => {
  it('is judged on the answer where that says the number, else on the number itself', async () => {
    const continuations = async (text: string) => {
      const { engine } = await check({ compare: arms([1, 1, 1, 1], text) })
      const given = engine.of('compare').map(({ continuation }) => continuation)
      // Of each of four: its own answer, then full prefill with and without it, then the caches.
      expect(given.filter((tokens) => tokens === null)).toHaveLength(4)
      expect(given).toHaveLength(12)
      return given.filter((tokens) => tokens !== null)
    }
    expect(new Set((await continuations(ANY_NUMBER)).map(String))).toEqual(new Set(['7,8,9']))
    expect(new Set((await continuations('I do not know.')).map(String))).not.toContain('7,8,9')
  })

  it('ends early where full prefill does not know the first ones', async () => {
    const { engine } = await check({ compare: arms([0, 1, 1, 1]) })
    expect(engine.of('compare')).toHaveLength(4)
    expect(engine.of('encode').every(({ chunks }) => chunks[0]!.tokens.length === 48)).toBe(true)
  })

  it('differs from its other context in one number; numbers are the same for the same model', () => {
    for (const { planted, other, code } of needles('model')) {
      const changed = planted.flatMap((text, at) => (text === other[at] ? [] : [[text, other[at]]]))
      expect(changed).toHaveLength(1)
      expect(changed[0]?.[0]).toMatch(new RegExp(` ${code}\\b`))
      expect(other.join('')).not.toMatch(new RegExp(` ${code}\\b`))
    }
    expect(drawCodes('a', 8)).toEqual(drawCodes('a', 8))
    expect(drawCodes('a', 8)).not.toEqual(drawCodes('b', 8))
    expect(new Set(drawCodes('a', 8)).size).toBe(8)
  })

  it('links every chunk but the first, and reads the others as they are', async () => {
    const { engine } = await check()
    const [own, full, caches] = engine.of('compare')
    expect(own!.arms).toHaveLength(1)
    expect(full!.arms.every(({ segments }) => segments.every(({ kind }) => kind === 'compute'))).toBe(true)
    expect(caches!.arms).toHaveLength(6)
    const [reuse, link, isolated] = caches!.arms
    expect(reuse).not.toHaveProperty('recompute')
    const starts = link!.segments.reduce<number[]>((all, { tokens }) => [...all, (all.at(-1) ?? 0) + tokens.length], [0])
    const chunks = link!.segments.map((part, at) => ({ part, start: starts[at]! })).filter(({ part }) => part.kind === 'cached')
    expect(chunks).toHaveLength(4)
    const rows = chunks.slice(1).flatMap(({ start }) => Array.from({ length: 16 }, (_, at) => start + at))
    expect(link!.recompute).toEqual({ kind: 'rows', rows })
    const keys = (arm: typeof reuse) => arm!.segments.map((part) => (part.kind === 'cached' ? part.key : ''))
    expect(keys(reuse)).not.toEqual(keys(link))
    expect(keys(isolated)).toEqual(keys(link))
  })
})
