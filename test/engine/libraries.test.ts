import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { libraryFolders, platformName, type Machine } from '../../src/main/engine/libraries'
import { appRoot } from '../../src/main/engine/places'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kvasir-libraries-'))
})
afterEach(async () => await rm(root, { recursive: true }))

async function install(name: string, bins = name): Promise<string> {
  const folder = join(root, 'node_modules', '@node-llama-cpp', name, 'bins', bins)
  await mkdir(folder, { recursive: true })
  return folder
}
const on = (platform: NodeJS.Platform, arch: string, env = {}): Machine => ({ platform, arch, env })

test('cuda before vulkan before the processor, each only where its package is, with its driver named', async () => {
  const base = await install('linux-x64')
  expect(libraryFolders(root, on('linux', 'x64'))).toEqual([{ dir: base, fallbackDir: null, needs: null }])
  const vulkan = await install('linux-x64-vulkan')
  const cuda = await install('linux-x64-cuda')
  const fallback = await install('linux-x64-cuda-ext', join('linux-x64-cuda', 'fallback'))
  expect(libraryFolders(root, on('linux', 'x64'))).toEqual([
    { dir: cuda, fallbackDir: fallback, needs: 'libcuda.so.1' },
    { dir: vulkan, fallbackDir: null, needs: 'libvulkan.so.1' },
    { dir: base, fallbackDir: null, needs: null },
  ])
})

test('other platforms', async () => {
  const metal = await install('mac-arm64-metal')
  expect(libraryFolders(root, on('darwin', 'arm64'))).toEqual([{ dir: metal, fallbackDir: null, needs: null }])
  await install('win-x64-vulkan')
  expect(libraryFolders(root, on('win32', 'x64')).map(({ needs }) => needs)).toEqual(['vulkan-1.dll'])
  expect(platformName({ platform: 'linux', arch: 'arm' })).toBe('linux-armv7l')
  expect(libraryFolders(root, on('freebsd', 'x64'))).toEqual([])
})

test('KVASIR_GGML_DIR overrides everything', async () => {
  await install('linux-x64')
  const folders = libraryFolders(root, on('linux', 'x64', { KVASIR_GGML_DIR: '/somewhere' }))
  expect(folders).toEqual([{ dir: '/somewhere', fallbackDir: null, needs: null }])
})

test('this checkout has a package for this machine', () => {
  expect(libraryFolders(appRoot()).length).toBeGreaterThan(0)
})
