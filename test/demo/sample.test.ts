/** The sample set with the demo model, through the whole workbench: right answers, and exclusions that change them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import sample from '../../models/demo/sample/sample.json'
import { findNodes } from '../../src/main/documents/find-node'
import { openWorkbench } from '../../src/main/workbench'
import type { Answer, AskInput } from '../../src/shared/answer'
import type { SetTree } from '../../src/shared/knowledge'
import type { Workbench } from '../../src/shared/workbench'

/** Of 40, by full prefill and by the default strategy. */
const LEAST_RIGHT = 36

let folder: string
let workbench: Workbench
let set: SetTree

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-sample-'))
  workbench = await openWorkbench({ dataDir: folder })
  const { id } = await workbench.sets.ensureSample()
  for (const job of workbench.jobs.list()) await workbench.jobs.finished(job.id)
  const build = await workbench.build(id)
  expect(await workbench.jobs.finished(build.id)).toMatchObject({ status: 'done' })
  set = await workbench.sets.show(id)
})
afterAll(async () => {
  await workbench[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function ask(request: Omit<AskInput, 'set'>): Promise<Answer> {
  for await (const event of workbench.ask({ set: set.id, maxTokens: 16, ...request })) {
    if (event.type === 'answer') return event.answer
  }
  throw new Error('No answer came.')
}

/** The selection that a suggested question comes with. */
function included(question: string): string[] {
  return [...(set.suggestions.find((each) => each.question === question)?.include ?? [])]
}

describe('the sample set', () => {
  test('suggests the questions of sample.json, each with what to ask of', () => {
    expect(set.suggestions.map(({ question }) => question)).toEqual(sample.questions.map(({ question }) => question))
    for (const [at, { include }] of set.suggestions.entries())
      expect(include).toHaveLength(sample.questions[at]?.include.length ?? 0)
  })

  test.each([
    ['full prefill', 'full'],
    ['the default strategy', undefined],
  ])(`at least ${LEAST_RIGHT} of its 40 questions are answered right by %s`, async (_, strategy) => {
    const wrong: string[] = []
    for (const { question, answers } of sample.questions) {
      const { text, trace } = await ask({ question, strategy, selection: { include: included(question) } })
      if (!answers.includes(text.trim())) wrong.push(`${question} ${text.trim()}, not ${answers[0]}`)
      expect(trace.knowledgeTokens).toBeLessThanOrEqual(256)
      // The build has thought of the gaps in what it suggests.
      if (strategy === undefined) expect(trace.chunks.filter(({ outcome }) => outcome.kind === 'miss' || outcome.poorer)).toEqual([])
    }
    expect(sample.questions).toHaveLength(40)
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(40 - LEAST_RIGHT)
  })

  for (const { document, section: title, question, answer } of sample.exclusions) {
    test(`without ${document}/${title}: ${question} ${answer}`, async () => {
      const include = included(question)
      const selection = { include, exclude: findNodes(set, [`${document}/${title}`]) }
      for (const strategy of ['full', 'prefix', 'reuse', 'link:16', 'mix:4+0.15']) {
        expect((await ask({ question, strategy, selection: { include } })).text.trim(), strategy).not.toBe(answer)
        expect((await ask({ question, strategy, selection })).text.trim(), strategy).toBe(answer)
      }
    })
  }
})
