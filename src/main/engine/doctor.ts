/** What `kvasir doctor` prints: whether everything that Kvasir stands on is there, and what to do where it is not. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import { join } from 'node:path'
import type { SystemInfo } from '../../shared/engine'
import type { DoctorCheck, DoctorReport } from '../../shared/workbench'
import { countCrashReports, crashFolder } from '../base/crash-reports'
import { errorText } from '../base/error-code'
import type { Engine } from './engine'
import { appRoot } from './places'

const GIB = 1024 ** 3
/** better-sqlite3 needs it. */
const NEEDED_NAPI = 10
/** Caches of a few documents with a large model. */
const ENOUGH_FREE_BYTES = 2 * GIB

export interface DoctorOptions {
  readonly version: string
  readonly dataDir: string
}

/** Looks at everything; a failed look is a line of the report, never an error. */
export async function doctor(engine: Engine, { version, dataDir }: DoctorOptions): Promise<DoctorReport> {
  const libraries = await engine.call('system', {}).catch(errorText)
  const system = typeof libraries === 'string' ? null : libraries
  const checks = [
    checkNode(),
    typeof libraries === 'string' ? noLibraries(libraries) : checkLibraries(libraries),
    ...(system ? [checkDevices(system)] : []),
    checkMemory(),
    await checkDataDir(dataDir),
    checkElectron(),
    checkCrashReports(dataDir),
  ]
  return { version, dataDir, system, checks }
}

const ok = (name: string, detail: string): DoctorCheck => ({ name, status: 'ok', detail, remedy: null })

function checkNode(): DoctorCheck {
  const { node, napi = '0', electron } = process.versions
  const detail = `${electron ? `Electron ${electron}, ` : ''}Node ${node}, Node-API ${napi}`
  if (Number(napi) >= NEEDED_NAPI) return ok('Node', detail)
  return {
    name: 'Node',
    status: 'failed',
    detail: `${detail}; Node-API ${NEEDED_NAPI} is needed`,
    remedy: 'Run "npm ci": it brings Node 24, which the project\'s own scripts then use.',
  }
}

function noLibraries(reason: string): DoctorCheck {
  return { name: 'Engine', status: 'failed', detail: reason, remedy: 'Run "npm ci", then "npm run build".' }
}

function checkLibraries({ libraryDir, ggmlVersion, llamaVersion, cpuFeatures }: SystemInfo): DoctorCheck {
  return ok(
    'Engine',
    `ggml ${ggmlVersion}, llama.cpp ${llamaVersion} in ${libraryDir}${cpuFeatures ? ` (${cpuFeatures})` : ''}`,
  )
}

function checkDevices({ devices }: SystemInfo): DoctorCheck {
  const lines = devices.map(
    ({ name, description, kind, freeBytes, memoryBytes }) =>
      `${name}: ${description} (${kind}, ${gib(freeBytes)} of ${gib(memoryBytes)} free)`,
  )
  if (lines.length > 0) return ok('Devices', lines.join('\n'))
  return {
    name: 'Devices',
    status: 'failed',
    detail: 'ggml offers no device, not even the processor',
    remedy: 'Run "npm ci" again: a module of the @node-llama-cpp package is missing.',
  }
}

function checkMemory(): DoctorCheck {
  return ok('Memory', `${gib(freemem())} of ${gib(totalmem())} free`)
}

async function checkDataDir(dataDir: string): Promise<DoctorCheck> {
  const name = 'Data folder'
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    const probe = join(dataDir, `.doctor-${process.pid}`)
    await writeFile(probe, 'kvasir')
    await rm(probe)
    const { bavail, bsize } = await statfs(dataDir)
    const free = bavail * bsize
    const detail = `${dataDir}, writable, ${gib(free)} free`
    if (free >= ENOUGH_FREE_BYTES) return ok(name, detail)
    return {
      name,
      status: 'warning',
      detail,
      remedy: `Free some space: caches need ${gib(ENOUGH_FREE_BYTES)} and more.`,
    }
  } catch (error) {
    return {
      name,
      status: 'failed',
      detail: `${dataDir} cannot be written: ${errorText(error)}`,
      remedy: 'Give another folder with --data-dir or KVASIR_DATA_DIR.',
    }
  }
}

/** Looks without `require('electron')`, which would start a download. */
function checkElectron(): DoctorCheck {
  const name = 'Window'
  if (process.versions['electron']) return ok(name, "this is the window's own process")
  const folder = join(appRoot(), 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  const binary = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8').trim()) : null
  if (binary && existsSync(binary)) return ok(name, `Electron at ${binary}`)
  return {
    name,
    status: 'warning',
    detail: 'no Electron binary: "npm start" opens the same workbench in a browser',
    remedy: 'Run "npx install-electron" where github.com can be reached.',
  }
}

function checkCrashReports(dataDir: string): DoctorCheck {
  const name = 'Crash reports'
  const count = countCrashReports(dataDir)
  if (count === 0) return ok(name, 'none')
  return {
    name,
    status: 'warning',
    detail: `${count} in ${crashFolder(dataDir)}, sent to nobody`,
    remedy: 'They hold no text of yours: look at the newest, report it where Kvasir is from, then delete them.',
  }
}

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`
