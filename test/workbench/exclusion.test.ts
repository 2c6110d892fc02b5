/** Nothing of what a question excludes reaches the answer: random documents and selections on the real engine. */
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Engine } from '../../src/main/engine/engine'
import { openWorkbench } from '../../src/main/workbench'
import type { Selection } from '../../src/shared/knowledge'
import type { Strategy, Turn } from '../../src/shared/answer'
import type { Workbench } from '../../src/shared/workbench'
import { tempFolder } from '../helpers/temp-folder'
import { tinyModel } from '../helpers/tiny-model'
import { askAll, buildAll, importTexts } from './core'

/** Sections by document, in order. */
type World = readonly (readonly string[])[]

interface Question {
  readonly selection: Selection
  readonly strategy: Strategy
  readonly history: Turn[]
}

/** Seeds; with 4 an excluded document shares its first section with an included one. */
const ROUNDS = [3, 4, 5]
const QUESTIONS = 3

/** One host for all workbenches: closing one of them leaves it open. */
class SharedEngine extends Engine {
  override async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }

  async end(): Promise<void> {
    await super[Symbol.asyncDispose]()
  }
}

const engine = new SharedEngine({ script: resolve(import.meta.dirname, '../../out/main/engine-host.js') })
let model: string

beforeAll(async () => {
  model = await tinyModel({ contextLength: 8192 })
})
afterAll(async () => {
  await engine.end()
})

/** The same numbers in every run (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below)
  }
}

const WORDS = ['amber', 'river', 'lantern', 'seven', 'keeps', 'the', 'of', 'stone', 'quiet', 'ünder', '秘密', '🍯', 'gate.']

function sectionText(random: (below: number) => number): string {
  const words = Array.from({ length: 3 + random(random(4) === 0 ? 400 : 40) }, () => WORDS[random(WORDS.length)])
  return `# ${WORDS[random(WORDS.length)]} ${random(1000)}\n\n${words.join(' ')}\n`
}

/** Sections come from a small pool, so that documents share beginnings and texts stand in several places. */
function randomWorld(random: (below: number) => number): World {
  const pool = Array.from({ length: 5 }, () => sectionText(random))
  return Array.from({ length: 2 + random(3) }, () =>
    Array.from({ length: 1 + random(4) }, () => pool[random(pool.length)] ?? ''),
  )
}

/** Excludes some sections, and now and then a whole document; at least one section stays in. */
function randomQuestion(random: (below: number) => number, world: World): Question {
  const ids = world.flatMap((sections, document) => sections.map((_, section) => `d${document + 1}.s${section + 1}`))
  const kept = ids[random(ids.length)]
  const whole = random(2) === 0 ? `d${1 + random(world.length)}.` : 'none'
  const exclude = ids.filter((id) => id !== kept && (id.startsWith(whole) || random(3) === 0))
  return {
    selection: { include: [], exclude },
    strategy: (['reuse', 'reuse', 'reuse:bos', 'full'] as const)[random(4)] ?? 'reuse',
    history: random(3) === 0 ? [{ role: 'user', content: 'And before?' }, { role: 'assistant', content: 'Nothing.' }] : [],
  }
}

/** The same documents, with other text in what the question excludes. */
function withOtherText(random: (below: number) => number, world: World, { selection }: Question): World {
  return world.map((sections, document) =>
    sections.map((text, section) =>
      selection.exclude.includes(`d${document + 1}.s${section + 1}`) ? sectionText(random) : text,
    ),
  )
}

const files = (world: World): Record<string, string> =>
  Object.fromEntries(world.map((sections, document) => [`${document}.md`, sections.join('\n')]))

interface Core extends AsyncDisposable {
  readonly workbench: Workbench
  fill(world: World): Promise<void>
  ask(question: Question): Promise<string>
}

async function core(): Promise<Core> {
  const stack = new AsyncDisposableStack()
  const folder = stack.use(await tempFolder())
  const workbench = await openWorkbench({
    dataDir: folder.file('data'),
    engine,
    resourcesDir: folder.path,
    version: '0',
    load: { threads: 1, device: 'cpu' },
  })
  stack.use(workbench)
  await workbench.models.add(model)
  const { id } = await workbench.sets.create('Set')
  return {
    workbench,
    async fill(world) {
      expect(await importTexts(workbench, id, files(world))).toMatchObject({ error: null })
      expect(await buildAll(workbench, id)).toMatchObject({ error: null })
    },
    async ask(question) {
      const { answer } = await askAll(workbench, { set: id, question: 'What is kept?', maxTokens: 1, ...question })
      return answer.trace.logitsDigest
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

describe('whatever the excluded text says', () => {
  it.each(ROUNDS)(
    'the logits stay bit-equal, built anew or again (%i)',
    async (round) => {
      const random = generator(round)
      const world = randomWorld(random)
      await using first = await core()
      await first.fill(world)
      const questions = Array.from({ length: QUESTIONS }, () => randomQuestion(random, world))
      const before: string[] = []
      for (const question of questions) before.push(await first.ask(question))
      for (const [index, question] of questions.entries()) {
        const other = withOtherText(random, world, question)
        await first.fill(other)
        expect(await first.ask(question), `again: ${JSON.stringify(question)}`).toBe(before[index])
        await using fresh = await core()
        await fresh.fill(other)
        expect(await fresh.ask(question), `anew: ${JSON.stringify(question)}`).toBe(before[index])
      }
    },
  )
})
