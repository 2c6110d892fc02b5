/**
 * The packed app, with a stand-in for Electron's binary: what is in it, its fuses, and its core started from what was
 * packed, under plain Node. A real binary's window is looked at by `test/e2e/electron.test.ts`.
 */
import { lstatSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { electronBinary } from '../helpers/electron-binary'
import { makePdf } from '../helpers/office-files'

const root = resolve(import.meta.dirname, '../..')
const load = createRequire(import.meta.url)
const asar = load('@electron/asar') as {
  listPackage(archive: string, options: { isPack: boolean }): string[]
  extractAll(archive: string, to: string): void
}

/** In front of a binary's fuses; then their version and number (`@electron/fuses`). */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
/** As Electron 45 is delivered: run-as-node, cookies, NODE_OPTIONS, inspector, asar integrity, asar only, snapshot, file:. */
const FUSES_BEFORE = '10110001'

const unfit =
  process.platform !== 'linux'
    ? ' (skipped: the stand-in for Electron has the layout of Linux)'
    : lstatSync(join(root, 'node_modules')).isSymbolicLink()
      ? ' (skipped: node_modules is a link, which electron-builder does not follow)'
      : ''

describe.skipIf(unfit)(`the packed app${unfit}`, () => {
  let folder: string
  let app: string
  let packed: string[]
  const resources = (...path: string[]): string => join(app, 'resources', ...path)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kvasir-package-'))
    await makeElectron(join(folder, 'electron'))
    const builder = load.resolve('electron-builder/cli.js')
    const output = await run(process.execPath, [
      builder,
      '--dir',
      '--linux',
      `-c.electronDist=${join(folder, 'electron')}`,
      `-c.directories.output=${join(folder, 'out')}`,
    ])
    expect(output.code, output.text).toBe(0)
    const unpacked = (await readdir(join(folder, 'out'))).find((name) => name.endsWith('unpacked'))
    app = join(folder, 'out', unpacked ?? '')
    packed = asar.listPackage(resources('app.asar'), { isPack: false }).map((path) => path.replaceAll('\\', '/'))
  }, 300_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('holds what runs: bundles, addon, model, sample, libraries', () => {
    for (const path of [
      '/package.json',
      '/LICENSE',
      '/out/main/licenses.md',
      '/out/renderer/licenses.md',
      '/out/main/index.js',
      '/out/main/cli.js',
      '/out/main/engine-host.js',
      '/out/main/document-converter.js',
      '/out/preload/index.cjs',
      '/out/renderer/index.html',
      '/native/build/Release/kvasir.node',
      '/models/demo/demo.gguf',
      '/models/demo/sample/sample.json',
      '/node_modules/better-sqlite3/lib/index.js',
      '/node_modules/pdfjs-dist/legacy/build/pdf.mjs',
    ])
      expect(packed).toContain(path)
  })

  it('holds nothing else: no sources, maps, tests, page libraries, and no other platform’s binaries', () => {
    const strange = packed.filter(
      (path) =>
        /\.(map|tsx?|mts|cts|cpp|c|h|gyp|py)$/.test(path) ||
        /^\/(src|scripts|docs|native\/(?!build)|shared|build)\b/.test(path) ||
        (/^\/test\b/.test(path) && !/^\/test(\/suites(\/[a-z-]+\.jsonl)?)?$/.test(path)) ||
        /^\/node_modules\/(@mantine|react|react-dom|electron|playwright|vite|typescript|node-(linux|win)-)/.test(path) ||
        /^\/node_modules\/node-llama-cpp\b/.test(path),
    )
    expect(strange).toEqual([])
    const own = `linux-${process.arch}`
    const ggml = packed.flatMap((path) => /^\/node_modules\/@node-llama-cpp\/([^/]+)$/.exec(path)?.[1] ?? [])
    expect(ggml).toContain(own)
    expect(ggml.filter((name) => ![own, `${own}-vulkan`].includes(name))).toEqual([])
    expect(packed.filter((path) => path.endsWith('.node')).map((path) => path.split('/').at(-1) ?? '').toSorted()).toEqual(
      [`${own}.node`, `${own.replace('linux', 'linuxmusl')}.node`, 'kvasir.node'].toSorted(),
    )
  })

  it('has outside of the archive what the system loads, and what is opened by its path', async () => {
    const outside = await readdir(resources('app.asar.unpacked'), { recursive: true })
    for (const path of ['native/build/Release/kvasir.node', 'models/demo/demo.gguf']) expect(outside).toContain(path)
    const libraries = outside.filter((path) => /@node-llama-cpp\/.*\.so$/.test(path))
    expect(libraries.some((path) => path.endsWith('libggml-base.so'))).toBe(true)
    const inside = packed.filter((path) => /\.(so|node|gguf)$/.test(path))
    expect(inside.filter((path) => !outside.includes(path.slice(1)))).toEqual([])
  })

  it('has its fuses blown', async () => {
    const binary = await readFile(join(app, 'kvasir'))
    const at = binary.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length + 2
    expect(binary.subarray(at, at + FUSES_BEFORE.length).toString()).toBe('01001100')
  })

  it('keeps the languages of the page only', async () => {
    expect((await readdir(join(app, 'locales'))).toSorted()).toEqual(['en-US.pak', 'zh-CN.pak'])
  })

  describe('its core under Node', () => {
    let core: string
    const kvasir = (...args: string[]): Promise<{ code: number | null; text: string }> =>
      run(process.execPath, [join(core, 'out/main/cli.js'), '--data-dir', join(folder, 'data'), '--json', ...args])

    beforeAll(() => {
      core = join(folder, 'core')
      asar.extractAll(resources('app.asar'), core)
    })

    it('finds its libraries and answers', async () => {
      const doctor = await kvasir('doctor')
      const report = JSON.parse(doctor.text) as { checks: { name: string; status: string; detail: string }[] }
      const failed = report.checks.filter(({ status }) => status === 'failed')
      expect(failed).toEqual([])
      expect(report.checks.find(({ name }) => name === 'Engine')?.detail).toContain(core)
      expect(JSON.parse((await kvasir('sets', 'list')).text)).toEqual({ sets: [] })
      expect(JSON.parse((await kvasir('models', 'list')).text)).toMatchObject({ models: [{ bundled: true }] })
    }, 120_000)

    it('reads documents with the libraries that were packed', async () => {
      await mkdir(join(folder, 'papers'))
      await writeFile(join(folder, 'papers', 'a.pdf'), makePdf([[{ text: 'Peter Stone lives in Lima.', x: 72, y: 700 }]]))
      await writeFile(join(folder, 'papers', 'b.html'), '<h1>Notes</h1><p>Vera Marsh lives in Oslo.')
      expect((await kvasir('sets', 'create', 'Papers')).code).toBe(0)
      const added = await kvasir('docs', 'add', 'Papers', join(folder, 'papers'))
      expect(added.code, added.text).toBe(0)
      const found = await kvasir('docs', 'search', 'Papers', 'Lima')
      expect(found.text).toContain('a.pdf')
    }, 120_000)
  })
})

const real = electronBinary()

it.skipIf(unfit || 'reason' in real)(
  `the packed app starts with a real Electron${'reason' in real ? ` (skipped: ${real.reason})` : ''}`,
  async () => {
    if ('reason' in real) return
    const folder = await mkdtemp(join(tmpdir(), 'kvasir-packed-'))
    try {
      const dist = `-c.electronDist=${dirname(real.path)}`
      const args = ['--dir', '--linux', dist, `-c.directories.output=${join(folder, 'out')}`]
      const built = await run(process.execPath, [load.resolve('electron-builder/cli.js'), ...args])
      expect(built.code, built.text).toBe(0)
      const unpacked = (await readdir(join(folder, 'out'))).find((name) => name.endsWith('unpacked')) ?? ''
      // Its fuses take no inspector, so it is watched from outside.
      const app = spawn(join(folder, 'out', unpacked, 'kvasir'), process.getuid?.() === 0 ? ['--no-sandbox'] : [], {
        env: { ...process.env, KVASIR_DATA_DIR: join(folder, 'data'), KVASIR_LOG: '1' },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      app.stderr.setEncoding('utf8').on('data', (part: string) => (said += part))
      await expect.poll(() => said, { timeout: 60_000 }).toMatch(/engine: host \d+ is ready/)
      app.kill()
      await once(app, 'close')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  400_000,
)

/** What electron-builder takes for an unpacked Electron. */
async function makeElectron(to: string): Promise<void> {
  await mkdir(join(to, 'locales'), { recursive: true })
  await mkdir(join(to, 'resources'))
  for (const name of ['en-US', 'zh-CN', 'de', 'fr']) await writeFile(join(to, 'locales', `${name}.pak`), name)
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) await writeFile(join(to, name), name)
  const wire = Buffer.concat([Buffer.from(FUSE_SENTINEL), Buffer.from([1, FUSES_BEFORE.length]), Buffer.from(FUSES_BEFORE)])
  await writeFile(join(to, 'electron'), Buffer.concat([Buffer.from('stand-in'), wire, Buffer.alloc(16)]))
  await chmod(join(to, 'electron'), 0o755)
  expect((await stat(join(to, 'electron'))).isFile()).toBe(true)
}

async function run(command: string, args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  let problems = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => (problems += part))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, text: code === 0 ? text : text + problems }
}
