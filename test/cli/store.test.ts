/** Looking after the store from the command line: the demo model, real caches, real files. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../../src/shared/answer'
import type { ProfileCalibration } from '../../src/shared/profile'
import type { CacheDrawing, CacheRow, StoreStats } from '../../src/shared/upkeep'
import { openStore } from '../../src/main/store/store'
import { kvasir } from '../helpers/kvasir'
import { tempFolder } from '../helpers/temp-folder'

const QUESTION = 'What is the travel allowance?'

let folder: Awaited<ReturnType<typeof tempFolder>>
beforeAll(async () => {
  folder = await tempFolder()
  await run('sets', 'create', 'Set')
  await writeFile(join(folder.path, 'one.md'), handbook('Handbook 2024', 42))
  await writeFile(join(folder.path, 'two.md'), handbook('Handbook 2025', 55))
  await run('docs', 'add', 'Set', join(folder.path, 'one.md'), join(folder.path, 'two.md'))
  await run('build', 'Set')
}, 120_000)
afterAll(async () => await folder[Symbol.asyncDispose]())

function handbook(title: string, allowance: number): string {
  const topics = ['Notice', 'Remote work', 'Parental leave', 'Training', 'Expenses']
  const others = topics.map((topic, at) => `## ${topic}\n\nThe ${topic.toLowerCase()} limit is ${at * 7 + 11} days.\n`)
  return `# ${title}\n\n## Travel\n\nThe travel allowance is ${allowance} euros.\n\n${others.join('\n')}`
}

async function fails(...args: string[]): Promise<string> {
  const { code, stderr } = await kvasir(['--data-dir', folder.path, '--quiet', ...args])
  expect(code).not.toBe(0)
  return stderr
}

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await kvasir(['--data-dir', folder.path, '--quiet', ...args])
  expect(code, stderr).toBe(0)
  return stdout
}

async function json<T>(...args: string[]): Promise<T> {
  return JSON.parse(await run('--json', ...args)) as T
}

const stats = async (): Promise<StoreStats> => (await json<{ store: StoreStats }>('store', 'stats')).store
const ask = async (...args: string[]): Promise<Answer> =>
  (await json<{ answer: Answer }>('ask', 'Set', QUESTION, ...args)).answer
const reasons = ({ trace }: Answer): Set<string> =>
  new Set(trace.chunks.map(({ outcome, profile }) => (outcome.kind === 'hit' ? `hit ${profile ?? ''}` : outcome.reason)))

async function objectFiles(): Promise<string[]> {
  const names = await readdir(join(folder.path, 'objects'), { recursive: true })
  return names.filter((name) => /^..\/[0-9a-f]+\.kvo$/.test(name.replaceAll('\\', '/'))).map((name) => join(folder.path, 'objects', name))
}

describe('the store, one step after the other', () => {
  it('knows no coded profile before a calibration', async () => {
    expect(await run('store', 'profiles', 'demo')).toContain('Not calibrated yet: kvasir store calibrate demo')
    expect(await fails('build', 'Set', '--profile', 'small')).toMatch(/"small" has not been calibrated.*kvasir store calibrate demo/)
    expect(await fails('build', 'Set', '--profile', 'tiny')).toContain('Expected one of f16, q8, high, medium, small')
    expect(await fails('store', 'calibrate', 'demo', '--small', '99')).toContain('from 0.05 to 12')
  })

  it('calibrates profiles that are smaller at growing cost', async () => {
    const { profiles } = await json<{ profiles: ProfileCalibration }>('store', 'calibrate', 'demo', '--questions', '4')
    expect(profiles.profiles.map(({ profile }) => profile)).toEqual(['q8', 'high', 'medium', 'small'])
    const ratios = profiles.profiles.map(({ ratio }) => ratio)
    expect(ratios).toEqual(ratios.toSorted((a, b) => a - b))
    expect(ratios.at(-1)).toBeGreaterThan(12)
    expect(profiles.profiles[0]).toMatchObject({ basis: false, top1: 1 })
    expect(profiles.profiles[0]?.klMean).toBeLessThan(1e-3)
    expect(profiles.curve.length).toBeGreaterThan(12)
    expect(await run('store', 'profiles', 'demo')).toMatch(/small +1\d\.\dx/)
    const picture = join(folder.path, 'curve.svg')
    await run('store', 'profiles', 'demo', '--out', picture)
    const svg = await readFile(picture, 'utf8')
    expect(svg.match(/<circle[^>]+r="4"[^>]+><title>/g)).toHaveLength(profiles.curve.length)
    expect(svg).not.toMatch(/NaN|Infinity/)
    expect(await fails('store', 'profiles', 'demo', '--out', 'curve.png')).toContain('.svg')
    // Nothing that was needed for it stays.
    expect((await readdir(join(folder.path, 'codebooks'))).length).toBe(4)
  }, 120_000)

  it('codes a set, answers from the small caches, and lets the exact ones go', async () => {
    const before = await stats()
    expect(await run('build', 'Set', '--profile', 'small')).toMatch(/\d+ caches coded as small/)
    const both = await stats()
    expect(both.profiles).toMatchObject([
      { profile: 'f16', copies: before.entries, bytes: before.bytes },
      { profile: 'small', copies: before.entries },
    ])
    expect(before.bytes / (both.profiles[1]?.bytes ?? before.bytes)).toBeGreaterThan(10)
    expect(reasons(await ask())).toEqual(new Set(['hit f16']))
    const small = await ask('--profile', 'small')
    expect(reasons(small)).toEqual(new Set(['hit small']))
    expect(small.trace.hitRate).toBe(1)
    expect(reasons(await ask('--profile', 'high'))).toEqual(new Set(['other-profile']))
    expect(await run('store', 'clean', '--set', 'Set', '--duplicates')).toContain('each has another copy')
    expect((await stats()).profiles).toHaveLength(2)
    await run('store', 'clean', '--set', 'Set', '--duplicates', '--yes')
    expect((await stats()).profiles).toMatchObject([{ profile: 'small', copies: before.entries }])
    expect(await run('store', 'restore', '1')).toContain('brought back')
    await run('store', 'clean', '--profile', 'f16', '--duplicates', '--yes')
    await run('store', 'trash', '--empty')
    expect(await objectFiles()).toHaveLength(before.entries)
    expect(await fails('store', 'restore', '1')).toContain('kvasir store trash')
  }, 60_000)

  it('builds what is new in the profile of the set, and leaves nothing uncoded', async () => {
    await writeFile(join(folder.path, 'three.md'), handbook('Handbook 2026', 61))
    await run('docs', 'add', 'Set', join(folder.path, 'three.md'))
    expect(await run('build', 'Set')).toMatch(/caches of \d+ tokens computed, \d+ coded as small/)
    expect((await stats()).profiles).toMatchObject([{ profile: 'small' }])
    expect(reasons(await ask())).toEqual(new Set(['hit small']))
    // What is read exactly or not at all.
    expect(reasons(await ask('--strategy', 'prefix'))).toEqual(new Set(['other-profile', 'not-in-prefix']))
    expect(await run('store', 'recode', 'Set', '--profile', 'medium')).toMatch(
      /0 caches coded as medium; \d+ left alone, since they are there in another lossy profile only/,
    )
    expect(await run('build', 'Set')).toContain('Nothing was missing')
  }, 60_000)

  it('names a codebook that is gone, blames no cache for it, and goes on when it is back', async () => {
    const { codebook } = (await json<{ profiles: ProfileCalibration }>('store', 'profiles', 'demo')).profiles.profiles[3] ?? {}
    const path = join(folder.path, 'codebooks', `${codebook}.kvc`)
    const bytes = await readFile(path)
    await rm(path)
    expect(await fails('ask', 'Set', QUESTION)).toMatch(/codebooks.*Restore this file, or calibrate/)
    expect(await fails('store', 'verify')).toMatch(/Restore this file, or calibrate/)
    bytes[200] = (bytes[200] ?? 0) ^ 1
    await writeFile(path, bytes)
    expect(await fails('ask', 'Set', QUESTION)).toMatch(/Expected a sound codebook/)
    bytes[200] = (bytes[200] ?? 0) ^ 1
    await writeFile(path, bytes)
    expect(await run('store', 'verify')).toContain('all of them sound')
    expect((await stats()).quarantined).toBe(0)
  }, 60_000)

  it('keeps what an interrupted coding left once it is built as f16', async () => {
    await using store = await openStore(folder.path)
    const keys = store.keys()
    store.sql.run("UPDATE copies SET temporary = 1 WHERE profile = 'f16'")
    await run('build', 'Set', '--profile', 'f16')
    expect((await stats()).profiles).toMatchObject([{ profile: 'f16', copies: keys.length }, { profile: 'small' }])
    expect(await run('store', 'recode', 'Set', '--profile', 'small')).toContain('0 caches coded')
    expect((await stats()).profiles[0]).toMatchObject({ profile: 'f16', copies: keys.length })
    await run('build', 'Set', '--profile', 'small')
    await run('store', 'clean', '--profile', 'f16', '--duplicates', '--yes')
    await run('store', 'trash', '--empty')
  }, 60_000)

  it('finds a flipped byte anywhere, says where, and makes the cache again', async () => {
    const files = await objectFiles()
    for (const [at, file] of files.slice(0, 3).entries()) {
      const bytes = await readFile(file)
      const place = [20, 140, bytes.length - 1][at] ?? 0
      bytes[place] = (bytes[place] ?? 0) ^ 1
      await writeFile(file, bytes)
    }
    const said = await fails('store', 'verify')
    expect(said).toMatch(/^kvasir: 3 of \d+ files damaged and set aside/)
    expect((await stats()).quarantined).toBe(3)
    expect(await run('store', 'scrub', 'Set')).toMatch(/caches? of \d+ tokens computed, \d+ coded as small/)
    expect(await stats()).toMatchObject({ quarantined: 0, entries: files.length })
    expect(await run('store', 'verify')).toContain('all of them sound')
  }, 60_000)

  it('lists caches by conditions, shows and draws one, and does with those chosen what is asked', async () => {
    type Listed = { caches: CacheRow[]; total: number }
    const { caches, total } = await json<Listed>('store', 'list', 'Set', '--kind', 'document', '--sort', 'tokens', '--limit', '2')
    expect(caches).toHaveLength(2)
    expect(total).toBe((await json<Listed>('store', 'list', '--kind', 'document', '--kept-as', 'small')).total)
    expect(caches[0]?.tokens).toBeGreaterThanOrEqual(caches[1]?.tokens ?? 0)
    const key = caches[0]?.key ?? ''
    expect(await run('store', 'list', '--keys', '--title', '2025')).toMatch(/[0-9a-f]{64} +Handbook 2025/)
    expect(await run('store', 'show', key)).toMatch(/behind \d+ chunks? of its document/)
    const { drawing } = await json<{ drawing: CacheDrawing }>('store', 'draw', key, '--question', QUESTION)
    expect(drawing.planes.valueDeviations).toHaveLength(drawing.layers)
    // What the profile loses is all that it deviates by, since it was computed behind the same parts.
    const mean = (plane: readonly (readonly number[])[]): number => plane.flat().reduce((sum, value) => sum + value, 0) / plane.flat().length
    expect(mean(drawing.planes.valueDeviations)).toBeGreaterThan(0.01)
    expect(mean(drawing.planes.valueDeviations)).toBeLessThan(0.9)
    expect(drawing.texts.join('')).toContain('is')
    expect(await fails('store', 'show', 'abc')).toContain('64 hexadecimal digits')
    expect(await run('store', 'pin', '--key', key)).toContain('1 cache pinned')
    expect(await run('store', 'evict', 'Set', '--kind', 'document')).toMatch(/In the trash: \d+ caches.*\n1 pinned cache stayed/)
    expect((await json<Listed>('store', 'list', '--kind', 'document')).total).toBe(1)
    const { trash } = await json<{ trash: { batch: number }[] }>('store', 'trash')
    expect(await run('store', 'restore', String(trash[0]?.batch))).toContain('brought back')
    expect(await run('store', 'unpin', '--pinned')).toContain('1 cache no longer pinned')
    expect(await run('store', 'rebuild', '--key', key)).toContain('1 cache made again.')
    expect(await run('store', 'recode', '--key', key, '--profile', 'medium')).toContain('left alone')
    expect(await run('store', 'verify', '--key', key)).toContain('1 file read whole')
    expect(await fails('store', 'evict')).toContain('without one all caches would be meant')
    expect(await run('store', 'clean', '--profile', 'small', '--rows', '3')).toMatch(/document +kept as +size/)
    expect(await run('hits', '--split', 'tier')).toMatch(/memory +disk +recomputed +missed/)
  }, 90_000)

  it('keeps what is pinned, refuses a quota that cannot hold, and says what it would take', async () => {
    expect(await run('store', 'pin', 'Set', 'Handbook 2025')).toMatch(/^\d+ caches pinned/)
    expect((await stats()).pinned).toBeGreaterThan(0)
    expect(await fails('store', 'quota', '1kB')).toMatch(/the quota, .* pinned, in use or made within the hour/)
    expect(await run('store', 'quota')).toContain('no quota')
    expect(await run('store', 'quota', '1GB')).toContain('of at most 1.0 GB')
    expect(await run('store', 'quota', 'none')).toContain('no quota')
    expect(await fails('store', 'quota', 'much')).toContain('Expected a size such as 20GB')
    expect(await run('store', 'clean', '--unused', '30')).toContain('nothing')
    expect(await fails('store', 'clean')).toContain('Expected a condition')
    expect(await run('store', 'gc')).toContain('Nothing was left behind')
    expect(await run('store', 'unpin', 'Set')).toMatch(/no longer pinned/)
  }, 60_000)
})
