/** Nothing of what a question excludes reaches the answer: random documents and selections on the real engine. */
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Engine } from '../../src/main/engine/engine'
import { openWorkbench } from '../../src/main/workbench'
import type { Turn } from '../../src/shared/answer'
import type { Selection } from '../../src/shared/knowledge'
import type { Workbench } from '../../src/shared/workbench'
import { generator } from '../helpers/random'
import { tempFolder } from '../helpers/temp-folder'
import { tinyModel } from '../helpers/tiny-model'
import { askAll, buildAll, importTexts, outcomes } from './core'

/** Sections by document, in order. */
type World = readonly (readonly string[])[]

interface Question {
  readonly selection: Selection
  readonly history: Turn[]
}

const STRATEGIES = [
  'full',
  'prefix',
  'reuse',
  'reuse:bos',
  'link:4',
  'score:0.2',
  'score:0.2:by=k:bos',
  'mix:2+0.2',
  'blend:0.3',
  'blend:0.3:layer=2:by=kv:attention:gradual:bos',
  'random:0.2',
  'oracle:0.2',
  'auto',
]
/** Of a round's questions, one is also asked in a workbench that has never seen the other texts. */
const ANEW_EVERY = 7

/** One host for all workbenches: closing one of them leaves it open. */
class SharedEngine extends Engine {
  override async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }

  async end(): Promise<void> {
    await super[Symbol.asyncDispose]()
  }
}

const WORDS = ['amber', 'river', 'lantern', 'seven', 'keeps', 'the', 'of', 'stone', 'quiet', 'ünder', '秘密', '🍯', 'gate.']

function sectionText(random: (below: number) => number): string {
  const words = Array.from({ length: 2 + random(random(16) === 0 ? 150 : 10) }, () => WORDS[random(WORDS.length)])
  return `# ${WORDS[random(WORDS.length)]} ${random(1000)}\n\n${words.join(' ')}\n`
}

/** Sections come from a small pool, so that documents share beginnings and texts stand in several places. */
function randomWorld(random: (below: number) => number): World {
  const pool = Array.from({ length: 3 }, () => sectionText(random))
  return Array.from({ length: 2 + random(2) }, (_, document) =>
    Array.from({ length: (document === 0 ? 2 : 1) + random(3) }, () => pool[random(pool.length)] ?? ''),
  )
}

/** Excludes some sections, one at least in front of one that stays in, and now and then a whole document. */
function randomQuestion(random: (below: number) => number, world: World): Question {
  const gaps = world.flatMap((sections, document) => (sections.length > 1 ? [document] : []))
  const gap = gaps[random(gaps.length)] ?? 0
  const left = random((world[gap]?.length ?? 2) - 1)
  const kept = left + 1 + random((world[gap]?.length ?? 2) - left - 1)
  const whole = random(2) === 0 ? random(world.length) : gap
  const exclude = world.flatMap((sections, document) =>
    sections.flatMap((_, section) => {
      const isGap = document === gap && section === left
      const isKept = document === gap && section === kept
      const isOut = (document === whole && whole !== gap) || random(3) === 0
      return isGap || (isOut && !isKept) ? [`d${document + 1}.s${section + 1}`] : []
    }),
  )
  return {
    selection: { include: [], exclude },
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
  /** Logits by every strategy. */
  ask(question: Question): Promise<Record<string, string>>
  /** Asks, and waits until what was missed is built. */
  warm(question: Question): Promise<void>
}

async function core(engine: Engine, model: string): Promise<Core> {
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
  const request = { set: id, question: 'What is kept?', maxTokens: 1 }
  return {
    workbench,
    async fill(world) {
      expect(await importTexts(workbench, id, files(world))).toMatchObject({ error: null })
      expect(await buildAll(workbench, id)).toMatchObject({ error: null })
    },
    async ask(question) {
      const digests: Record<string, string> = {}
      for (const strategy of STRATEGIES)
        digests[strategy] = (await askAll(workbench, { ...request, ...question, strategy })).answer.trace.logitsDigest
      return digests
    },
    async warm(question) {
      await askAll(workbench, { ...request, ...question, keepMissed: true })
      for (const job of workbench.jobs.list()) expect(await workbench.jobs.finished(job.id)).toMatchObject({ error: null })
      expect(outcomes((await askAll(workbench, { ...request, ...question })).answer)).toMatch(/^((document|tail)( |$))+$/)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export interface Rounds {
  /** One world each. */
  readonly seeds: readonly number[]
  /** Selections with gaps, of each world. */
  readonly questions: number
}

/** A test per seed: whatever the excluded text says, the logits of every strategy stay bit-equal, built anew or again. */
export function holdExclusion({ seeds, questions }: Rounds): void {
  const engine = new SharedEngine({ script: resolve(import.meta.dirname, '../../out/main/engine-host.js') })
  let model: string
  beforeAll(async () => {
    model = await tinyModel({ layers: 3, contextLength: 8192 })
  })
  afterAll(() => engine.end())

  it.each(seeds)(
    'the logits of every strategy stay bit-equal, built anew or again (%i)',
    async (seed) => {
      const random = generator(seed)
      let world = randomWorld(random)
      await using first = await core(engine, model)
      await first.fill(world)
      for (let index = 0; index < questions; index++) {
        const question = randomQuestion(random, world)
        const name = `${index}: ${JSON.stringify(question)}`
        // Half of them are asked a second time: by then there are variants behind the gap.
        const isWarm = index % 2 === 1
        if (isWarm) await first.warm(question)
        const before = await first.ask(question)
        world = withOtherText(random, world, question)
        await first.fill(world)
        expect(await first.ask(question), `again: ${name}`).toEqual(before)
        // The first one has no history that a new workbench would lack; after it, only what was built for it makes them equal.
        if (index % ANEW_EVERY !== 0 || (index > 0 && !isWarm)) continue
        await using fresh = await core(engine, model)
        await fresh.fill(world)
        if (isWarm) await fresh.warm(question)
        expect(await fresh.ask(question), `anew: ${name}`).toEqual(before)
      }
    },
    240_000,
  )
}
