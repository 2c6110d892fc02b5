/** Links and files that the system hands over, and what waits for the page. */
import { mkdir, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ShellEvents } from '../../src/main/electron/events'
import { fileName } from '../../src/main/electron/file-name'
import { eventOfArguments, eventOfFile, eventOfLink } from '../../src/main/electron/links'
import { tempFolder } from '../helpers/temp-folder'

it('a link opens a place, and nothing else does', () => {
  expect(eventOfLink('kvasir://query/17')).toEqual({ kind: 'open', route: '/query/17' })
  expect(eventOfLink('kvasir://sets.remove/set1')).toBeNull()
})

it('a bundle is shown by its name and size', async () => {
  await using folder = await tempFolder()
  await writeFile(folder.file('papers.KVB'), 'bundle')
  await writeFile(folder.file('papers.zip'), 'bundle')
  await mkdir(folder.file('folder.kvb'))
  const bundle = { kind: 'bundle', name: 'papers.KVB', bytes: 6 }
  expect(await eventOfFile(folder.file('papers.KVB'))).toEqual(bundle)
  for (const name of ['papers.zip', 'folder.kvb', 'gone.kvb']) expect(await eventOfFile(folder.file(name))).toBeNull()
  expect(await eventOfArguments(['/opt/kvasir', '--flag.kvb', 'papers.KVB'], folder.path)).toEqual(bundle)
  expect(await eventOfArguments(['/opt/kvasir', folder.file('papers.KVB')], '/')).toEqual(bundle)
  expect(await eventOfArguments(['/opt/kvasir', folder.file('papers.KVB'), 'kvasir://set/set1'], '/')).toMatchObject({ kind: 'open' })
  expect(await eventOfArguments(['/opt/kvasir', 'papers.zip'], folder.path)).toBeNull()
})

it('what comes before the page listens is kept for it, once', async () => {
  const events = new ShellEvents()
  for (let at = 1; at <= 30; at++) events.push({ kind: 'open', route: `/query/${at}` })
  const stop = new AbortController()
  const seen: unknown[] = []
  const listening = (async () => {
    for await (const event of events.listen(stop.signal)) seen.push(event)
  })()
  await sleep(10)
  expect(seen).toHaveLength(20)
  events.push({ kind: 'command', command: 'ask' })
  await sleep(10)
  expect(seen.at(-1)).toEqual({ kind: 'command', command: 'ask' })
  stop.abort()
  await listening
  events.push({ kind: 'reloaded' })
  const again = events.listen(AbortSignal.timeout(1000))
  expect((await again.next()).value).toEqual({ kind: 'reloaded' })
  await again.return()
})

it.each([
  ['quality against latency.png', 'quality against latency.png'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\windows\\a.csv', 'a.csv'],
  ['a:b|c?.svg', 'a-b-c-.svg'],
  ['...', 'kvasir'],
  ['图表.json', '图表.json'],
])('%s is proposed as %s', (name, proposed) => {
  expect(fileName(name)).toBe(proposed)
})
