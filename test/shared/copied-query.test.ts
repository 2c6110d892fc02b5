/** What is copied runs elsewhere as the same question: a real shell, curl and Python read it. */
import { execFile, spawnSync } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AskInput } from '../../src/shared/answer'
import { copiedQuery, shellQuoted } from '../../src/shared/copied-query'
import { startServer, type RunningServer } from '../../src/main/rpc/http-server'
import { fakeWorkbench, type FakeWorkbench } from '../helpers/fake-workbench'
import { makePage } from '../rpc/carriers'
import { tempFolder } from '../helpers/temp-folder'

const run = promisify(execFile)
/** Everything that a shell, JSON or Python could take for something else. */
const HARD = `What's "it", $HOME \`date\` \\n $(rm -rf x)\nsecond line; 'three' – 你好 🙂 \u2028!`
const hasPython = spawnSync('python3', ['--version']).status === 0

let workbench: FakeWorkbench
let server: RunningServer
let address: string
beforeAll(async () => {
  workbench = fakeWorkbench()
  await workbench.sets.ensureSample()
  server = await startServer(workbench, { page: await makePage() })
  address = `http://127.0.0.1:${server.port}`
})
afterAll(() => server.close())

const request: AskInput = {
  set: 'set1',
  question: HARD,
  strategy: 'mix:8+0.1',
  selection: { include: ['d1', 'd2.s1'], exclude: ['d2.s1.c1'] },
  history: [{ role: 'user', content: HARD }],
  maxTokens: 40,
  stop: ["\n'end'"],
}
const environment = () => ({ ...process.env, KVASIR_TOKEN: server.token })

describe('a copied question', () => {
  it('as a command line gives these arguments to the program, and nothing else happens', async () => {
    await using folder = await tempFolder()
    await writeFile(folder.file('kvasir'), '#!/bin/sh\nfor argument in "$@"; do printf "%s\\0" "$argument"; done\n')
    await chmod(folder.file('kvasir'), 0o755)
    const text = copiedQuery('command', { request: { ...request, set: "Bob's set" }, address })
    const { stdout } = await run('sh', ['-c', text], { env: { ...process.env, PATH: `${folder.path}${delimiter}${process.env.PATH}` } })
    expect(stdout.split('\0').slice(0, -1)).toEqual([
      'ask', "Bob's set", HARD,
      '--include', 'd1', '--include', 'd2.s1', '--exclude', 'd2.s1.c1',
      '--strategy', 'mix:8+0.1', '--max-tokens', '40', '--stop', "\n'end'",
    ])
    expect(copiedQuery('command', { request: { set: 'a', question: '--help' }, address })).toBe('kvasir ask a -- --help')
  })

  it('as curl asks the same, and streams', async () => {
    const { stdout } = await run('sh', ['-c', copiedQuery('curl', { request, address })], { env: environment() })
    expect(workbench.seen.asks.at(-1)).toMatchObject(request)
    expect(stdout).toMatch(/^event: plan\ndata: \{.*\n\n(event: progress\n.*\n\n)+event: first-token\n/)
    expect(stdout).toMatch(/event: answer\ndata: \{"query":1,"answer":\{.*\n\n$/)
  })

  it.runIf(hasPython)('as Python asks the same', async () => {
    const text = copiedQuery('python', { request, address })
    const { stdout } = await run('python3', ['-c', text], { env: environment() })
    expect(workbench.seen.asks.at(-1)).toMatchObject(request)
    expect(stdout.trim().split(' ')).toHaveLength(12)
  })

  it('says no more than was chosen, and never the token', () => {
    for (const form of ['command', 'curl', 'python'] as const) {
      const text = copiedQuery(form, { request: { set: 'set1', question: 'Why?', strategy: 'reuse' }, address })
      expect(text).not.toContain(server.token)
      expect(text).not.toContain('sampling')
      if (form !== 'command') expect(text).toContain('KVASIR_TOKEN')
    }
  })

  it('quotes for a shell', () => {
    expect([shellQuoted('d1.s2'), shellQuoted(''), shellQuoted("it's"), shellQuoted('a b')]).toEqual(['d1.s2', "''", `'it'\\''s'`, "'a b'"])
  })
})

describe('POST /v1/ask', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${address}/v1/ask`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.token}`, ...headers },
    })
  const ask = JSON.stringify({ set: 'set1', question: 'Why?' })

  it('answers whole where JSON is wanted', async () => {
    const response = await post(ask, { accept: 'application/json' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toMatchObject({ query: expect.any(Number), answer: { stop: 'length', trace: { strategy: 'reuse' } } })
  })

  it('wants the token, this host, no other site, JSON, and a request that fits', async () => {
    const before = workbench.seen.asks.length
    expect((await post(ask, { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await post(ask, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await post(ask, { 'content-type': 'text/plain' })).status).toBe(400)
    expect((await fetch(`${address}/v1/ask`, { headers: { authorization: `Bearer ${server.token}` } })).status).toBe(405)
    for (const body of ['', '{', '[]', '{"set":"set1"}', '{"set":"set1","question":"a","strategy":"nonsense"}', ' '.repeat(5_000_000)]) {
      const response = await post(body)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ error: { code: 'argument.invalid' } })
    }
    expect(workbench.seen.asks).toHaveLength(before)
    const missing = await post('{"set":"nowhere","question":"a"}')
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: { code: 'not-found' } }])
  })

  it('stops the engine when the caller hangs up', async () => {
    const slow = fakeWorkbench({ stepMs: 5, words: 0 })
    await slow.sets.ensureSample()
    await using other = await startServer(slow, { page: await makePage() })
    const controller = new AbortController()
    const response = await fetch(`http://127.0.0.1:${other.port}/v1/ask`, {
      method: 'POST',
      body: ask,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${other.token}` },
      signal: controller.signal,
    })
    const reader = response.body?.getReader()
    await reader?.read()
    controller.abort()
    await expect.poll(() => slow.seen.aborted).toBe(1)
  })
})
