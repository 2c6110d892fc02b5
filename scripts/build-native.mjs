// Builds native/build/Release/kvasir.node. The headers of ggml and llama.cpp come out of the git bundle that
// node-llama-cpp ships, so that they always match the prebuilt libraries of the same version.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const native = join(root, 'native')
const addon = join(native, 'build', 'Release', 'kvasir.node')
const stampFile = join(native, 'build', 'kvasir.stamp')
const require = createRequire(import.meta.url)

const versionOf = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version

/** Leaves native/vendor/<version>/{include,ggml/include,version.h}; does nothing when they are there. */
function extractHeaders(version) {
  const vendor = join(native, 'vendor')
  const target = join(vendor, version)
  if (existsSync(join(target, 'version.h'))) return
  const llama = join(root, 'node_modules', 'node-llama-cpp', 'llama')
  const bundle = join(llama, 'gitRelease.bundle')
  if (!existsSync(bundle)) {
    throw new Error(`Expected llama.cpp's sources in ${bundle}, which is missing. Run "npm ci" again.`)
  }
  mkdirSync(vendor, { recursive: true })
  const work = mkdtempSync(join(vendor, 'extract-'))
  try {
    const repository = join(work, 'bundle.git')
    const out = join(work, 'out')
    mkdirSync(out)
    git(['clone', '--quiet', '--bare', bundle, repository])
    const tar = join(work, 'headers.tar')
    const wanted = ['include', 'ggml/include', 'ggml/CMakeLists.txt', 'LICENSE']
    git(['--git-dir', repository, 'archive', '--output', tar, 'HEAD', ...wanted])
    execFileSync('tar', ['-xf', 'headers.tar', '-C', 'out'], { cwd: work, stdio: 'pipe' })
    const header = versionHeader(join(out, 'ggml', 'CMakeLists.txt'), join(llama, 'llama.cpp.info.json'))
    writeFileSync(join(out, 'version.h'), header)
    try {
      renameSync(out, target)
    } catch (error) {
      // Another build was faster: its result is the same.
      if (!existsSync(join(target, 'version.h'))) throw error
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function versionHeader(cmakeFile, infoFile) {
  const cmake = readFileSync(cmakeFile, 'utf8')
  const part = (name) => {
    const found = new RegExp(`set\\(GGML_VERSION_${name}\\s+(\\d+)\\)`).exec(cmake)
    if (!found) throw new Error(`Expected GGML_VERSION_${name} in ${cmakeFile}; node-llama-cpp's layout has changed.`)
    return found[1]
  }
  const release = JSON.parse(readFileSync(infoFile, 'utf8')).tag
  return [
    '#pragma once',
    `#define KVASIR_GGML_VERSION "${['MAJOR', 'MINOR', 'PATCH'].map(part).join('.')}"`,
    `#define KVASIR_LLAMA_RELEASE "${release}"`,
    '',
  ].join('\n')
}

function git(args) {
  execFileSync('git', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Everything that decides the addon's bytes. */
function stamp(versions) {
  const hash = createHash('sha256').update(JSON.stringify(versions))
  for (const file of sources(native)) hash.update(`\0${relative(native, file)}\0`).update(readFileSync(file))
  return hash.update(readFileSync(fileURLToPath(import.meta.url))).digest('hex')
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !['build', 'vendor'].includes(entry.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return sources(path)
      return /\.(cpp|h|gyp)$/.test(entry.name) ? [path] : []
    })
}

/** Node's headers from its npm package, so that nothing is downloaded; else node-gyp's own way. */
function nodeDir() {
  const folder = join(root, 'node_modules', `node-${process.platform}-${process.arch}`)
  return existsSync(join(folder, 'include', 'node', 'node_api.h')) ? [`--nodedir=${folder}`] : []
}

/**
 * Builds the addon when its sources or versions have changed. Returns whether it was built. Quiet on success; on
 * failure the compiler's output is printed and an Error thrown.
 * @param {{ force?: boolean }} options
 */
export function buildNative({ force = false } = {}) {
  const versions = {
    llama: versionOf('node-llama-cpp'),
    api: versionOf('node-addon-api'),
    gyp: versionOf('node-gyp'),
    platform: process.platform,
    arch: process.arch,
  }
  const wanted = stamp(versions)
  const built = existsSync(addon) && existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
  if (!force && built === wanted) return false
  extractHeaders(versions.llama)
  const gyp = require.resolve('node-gyp/bin/node-gyp.js')
  const jobs = ['--jobs', 'max']
  // A changed list of files needs a fresh configure; `build` alone then compiles only what changed.
  const steps = force ? [['rebuild', ...jobs]] : [['configure'], ['build', ...jobs]]
  for (const step of steps) {
    const args = [gyp, ...step, '--directory', native, '--release', ...nodeDir()]
    const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
    if (run.status !== 0) {
      process.stderr.write(`${run.stdout ?? ''}${run.stderr ?? ''}`)
      const ended = `node-gyp ${step[0]} ended with ${run.status ?? run.signal}`
      throw new Error(`Building the native addon failed: ${ended}.`, { cause: run.error })
    }
  }
  writeFileSync(stampFile, wanted)
  return true
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildNative({ force: process.argv.includes('--force') })
}
