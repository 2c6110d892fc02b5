/**
 * The engine's process killed in the middle of its work, with the real workbench behind a served page: the page says what
 * happened, nothing stored is lost, and the next question is answered.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forkHost, type HostLauncher, type HostProcess } from '../../src/main/engine/host-process'
import { startServer, type RunningServer } from '../../src/main/rpc/http-server'
import { openWorkbench } from '../../src/main/workbench'
import type { EngineMethod, FromHost } from '../../src/shared/engine'
import type { Workbench } from '../../src/shared/workbench'
import { chromiumPath, noChromium, openBrowser, type Browser } from '../helpers/chromium'
import { expectAccessible, picture, watchProblems } from './page-checks'

const READY_MS = 120_000

describe.skipIf(!chromiumPath)(`a host that is killed${noChromium}`, () => {
  let dataDir: string
  let workbench: Workbench
  let server: RunningServer
  let browser: Browser
  let page: Page
  let problems: string[]
  /** Kills the host when the next call of this kind has begun; null: not. */
  let target: EngineMethod | null = null
  let kills = 0

  /** The real host, watched: SIGKILL once it has begun what it is to be killed in. */
  const launch: HostLauncher = (script, args, listeners) => {
    const calls = new Map<number, EngineMethod>()
    const host: HostProcess = forkHost(script, args, {
      ...listeners,
      onMessage: (message) => {
        const { type, ...rest } = message as FromHost
        if (type === 'started' && 'id' in rest && target !== null && calls.get(rest.id) === target) {
          target = null
          kills++
          host.kill()
        }
        listeners.onMessage(message)
      },
    })
    return {
      ...host,
      send: (message) => {
        if (message.type === 'call') calls.set(message.id, message.method)
        host.send(message)
      },
    }
  }

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'kvasir-crash-'))
    workbench = await openWorkbench({ dataDir, launch })
    const { id } = await workbench.sets.ensureSample()
    await Promise.all(workbench.jobs.list().map((job) => workbench.jobs.finished(job.id)))
    workbench.preferences.set('set', id)
    server = await startServer(workbench)
    browser = await openBrowser({ colorScheme: 'light' })
    page = await browser.context.newPage()
    problems = watchProblems(page)
    await page.goto(`${server.url}&to=/ask`)
    await page.getByRole('treeitem').first().waitFor({ timeout: READY_MS })
  }, 300_000)
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await server?.close()
    await workbench?.[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true, force: true })
  })

  const ask = async (question: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'Question' }).fill(question)
    await page.keyboard.press('Control+Enter')
  }
  /** The toast of the restart, which is closed again. */
  const healed = async (): Promise<void> => {
    const notice = page.getByText('It was started again, and nothing stored is lost.').last()
    await notice.waitFor({ timeout: READY_MS })
    expect(await notice.textContent()).toContain('signal SIGKILL')
    await page.getByRole('alert').filter({ has: notice }).getByRole('button', { name: 'Close' }).click()
    await notice.waitFor({ state: 'hidden' })
  }

  it('in the middle of an answer: the page says what happened, and the next question is answered', async () => {
    const before = workbench.store.stats().entries
    target = 'answer'
    await ask('What is the travel allowance?')
    await page.getByText(/The engine died while it was answering a question/).first().waitFor({ timeout: READY_MS })
    await page.getByText(/What was stored is whole and the engine starts again/).first().waitFor()
    await expectAccessible(page)
    await picture(page, 'host-crash')
    await healed()
    expect(kills).toBe(1)
    expect(workbench.store.stats().entries).toBe(before)
    await ask('What is the travel allowance?')
    await expect.poll(() => page.getByTestId('answer').first().textContent(), { timeout: READY_MS }).toContain('euros')
  })

  it('in the middle of a build: the job fails or is tried again, what was done is kept, and a second build ends', async () => {
    const { id } = await workbench.sets.create('Crash')
    const text = (at: number): string => `# Chapter ${at}\n\n${`Vera Marsh lives in town ${at}. `.repeat(40)}\n`
    const added = await workbench.documents.addText(
      id,
      Array.from({ length: 6 }, (_, at) => ({ name: `${at}.md`, text: text(at) })),
    )
    await workbench.jobs.finished(added.id)
    target = 'encode'
    const build = await workbench.build(id)
    const ended = await workbench.jobs.finished(build.id)
    expect(kills).toBe(2)
    if (ended.status !== 'done') {
      expect(ended).toMatchObject({ status: 'failed', error: { code: 'engine.died' } })
      const again = await workbench.build(id)
      expect(await workbench.jobs.finished(again.id)).toMatchObject({ status: 'done' })
    }
    const tree = await workbench.sets.show(id)
    expect(tree.cachedChunks).toBe(tree.chunks)
    await healed()
    // The page is what it was, and works.
    await ask('What is the travel allowance?')
    await expect.poll(() => page.getByTestId('answer').first().textContent(), { timeout: READY_MS }).toContain('euros')
    expect(problems).toEqual([])
  }, 180_000)
}, 180_000)
