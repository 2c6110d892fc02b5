/** Disks that are full, cannot be written, or go away: real ones, in memory, where this system lets us mount them. */
import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kvasir } from '../helpers/kvasir'
import { tempFolder } from '../helpers/temp-folder'

const canMount = await mountable()

interface Disk extends AsyncDisposable {
  readonly path: string
  /** e.g. `size=64M`, `ro` */
  remount(options: string): void
  unmount(): void
}

function mount(...args: string[]): boolean {
  return spawnSync('mount', args, { stdio: 'ignore' }).status === 0
}

async function mountable(): Promise<boolean> {
  await using folder = await tempFolder()
  if (!mount('-t', 'tmpfs', '-o', 'size=1M', 'tmpfs', folder.path)) return false
  return spawnSync('umount', [folder.path]).status === 0
}

async function disk(size: string): Promise<Disk> {
  const folder = await tempFolder()
  const path = join(folder.path, 'disk')
  await mkdir(path)
  expect(mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path)).toBe(true)
  const unmount = (): void => void spawnSync('umount', ['-l', path])
  return {
    path,
    remount: (options) => expect(mount('-o', `remount,${options}`, path)).toBe(true),
    unmount,
    [Symbol.asyncDispose]: async () => {
      unmount()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const run = (data: string, ...args: string[]) => kvasir(['--data-dir', data, '--quiet', ...args])

/** A set with one document of some thousand tokens; its caches take a few megabytes. */
async function prepared(data: string, folder: string): Promise<void> {
  const sections = Array.from({ length: 40 }, (_, at) => `## Part ${at}\n\nThe limit of part ${at} is ${at * 3} days.\n`)
  const file = join(folder, 'paper.md')
  await writeFile(file, `# Paper\n\n${sections.join('\n')}`)
  for (const args of [['sets', 'create', 'Set'], ['docs', 'add', 'Set', file]])
    expect((await run(data, ...args)).code).toBe(0)
}

describe.skipIf(!canMount)('a disk', () => {
  it('that is full: the build says so, keeps what it has, and goes on when there is room', async () => {
    await using folder = await tempFolder()
    await using small = await disk('3M')
    const data = join(small.path, 'data')
    await prepared(data, folder.path)
    const full = await run(data, 'build', 'Set')
    expect(full.code).toBe(1)
    expect(full.stderr).toMatch(/^kvasir: .*disk .*is full/)
    expect((await run(data, 'store', 'verify')).stdout).toContain('all of them sound')
    small.remount('size=64M')
    expect((await run(data, 'build', 'Set')).code).toBe(0)
    const verified = await run(data, 'store', 'verify')
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('all of them sound')])
    expect((await run(data, 'store', 'gc')).stdout).toContain('Nothing was left behind')
  }, 120_000)

  it('that cannot be written any more, or has gone: one clear line, and all is there when it is back', async () => {
    await using folder = await tempFolder()
    await using other = await disk('64M')
    const data = join(other.path, 'data')
    await prepared(data, folder.path)
    other.remount('ro')
    const readOnly = await run(data, 'build', 'Set')
    expect([readOnly.code, readOnly.stderr]).toEqual([1, expect.stringContaining('cannot be read and written')])
    other.remount('rw')
    expect((await run(data, 'build', 'Set')).code).toBe(0)
    other.unmount()
    const gone = await run(data, 'ask', 'Set', 'What is the limit of part 3?')
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('kvasir sets list')])
  }, 120_000)
})
