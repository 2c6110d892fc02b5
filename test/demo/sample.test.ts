/** The sample set with the demo model, through the whole workbench: right answers, and exclusions that change them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import sample from '../../models/demo/sample/sample.json'
import { openWorkbench } from '../../src/main/workbench'
import type { Answer, AskInput } from '../../src/shared/answer'
import type { SetTree } from '../../src/shared/knowledge'
import type { Workbench } from '../../src/shared/workbench'

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
  for await (const event of workbench.ask({ set: set.id, maxTokens: 8, ...request })) {
    if (event.type === 'answer') return event.answer
  }
  throw new Error('No answer came.')
}

function section(document: string, title: string): string {
  const found = set.tree.find((node) => node.title === document)?.sections.find((node) => node.title === title)
  if (!found) throw new Error(`The sample has no ${document}/${title}.`)
  return found.id
}

describe('the sample set', () => {
  test('suggests the questions of sample.json', () => {
    expect(set.suggestions).toEqual(sample.questions.map(({ question }) => ({ question, include: [] })))
  })

  for (const {
    question,
    answers: [answer],
  } of sample.questions) {
    test(`${question} ${answer}: by full prefill and by reuse of everything`, async () => {
      const full = await ask({ question, strategy: 'full' })
      const reuse = await ask({ question, strategy: 'reuse' })
      expect([full.text.trim(), reuse.text.trim()]).toEqual([answer, answer])
      expect(full.trace).toMatchObject({ reusedTokens: 0, hitRate: 0 })
      expect(reuse.trace).toMatchObject({ reusedTokens: set.tokens, hitRate: 1 })
    })
  }

  for (const strategy of ['link:16', 'score:0.15', 'mix:4+0.15', 'blend:0.15', 'auto']) {
    test(`every answer by ${strategy}`, async () => {
      const given: { question: string; answers: string[] }[] = []
      for (const { question } of sample.questions)
        given.push({ question, answers: [(await ask({ question, strategy })).text.trim()] })
      expect(given).toEqual(sample.questions)
    })
  }

  for (const { document, section: title, question, answer } of sample.exclusions) {
    test(`without ${document}/${title}: ${question} ${answer}`, async () => {
      const selection = { exclude: [section(document, title)] }
      for (const strategy of ['full', 'prefix', 'reuse', 'link:16', 'mix:4+0.15', 'blend:0.15']) {
        expect((await ask({ question, strategy })).text.trim()).not.toBe(answer)
        expect((await ask({ question, strategy, selection })).text.trim()).toBe(answer)
      }
    })
  }
})
