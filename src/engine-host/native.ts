/** Opens the addon and the ggml libraries, when the first call needs them. */
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { z } from 'zod'
import type { MemoryReport, SystemInfo } from '../shared/engine'
import { WorkbenchError } from '../shared/errors'
import { loadAddon, type Addon } from './addon'

export const libraryFolder = z.object({
  dir: z.string(),
  fallbackDir: z.string().nullable(),
  needs: z.string().nullable(),
})
export type LibraryFolder = z.infer<typeof libraryFolder>

/** The addon over opened libraries. */
export interface Native {
  readonly addon: Addon
  /** Asked anew each time: free memory changes. */
  system(): SystemInfo
}

export interface NativeSetup {
  /** The addon. */
  readonly file: string
  readonly folders: readonly LibraryFolder[]
  /** Bytes of decoded caches to keep. */
  readonly memoryBytes: number
}

/** Addon and libraries, opened once; the next call tries again what failed. */
export class LazyNative {
  readonly #setup: NativeSetup
  #opened: Native | null = null

  constructor(setup: NativeSetup) {
    this.#setup = setup
  }

  /** @throws `engine.no-library`, naming every folder that was tried and why it was left. */
  open(): Native {
    if (this.#opened) return this.#opened
    const { file, folders, memoryBytes } = this.#setup
    const native = openFirst(openAddon(file), folders)
    native.addon.memory(memoryBytes)
    this.#opened = native
    return native
  }

  /** Null before the first call. */
  memory(): MemoryReport | null {
    return this.#opened?.addon.memory() ?? null
  }
}

function openAddon(file: string): Addon {
  if (!existsSync(file)) {
    throw new WorkbenchError(
      'engine.no-library',
      `Expected the native addon at ${file}; build it with "npm run build".`,
    )
  }
  try {
    return loadAddon(file)
  } catch (error) {
    throw new WorkbenchError('engine.no-library', `Expected to open the native addon ${file}, but: ${textOf(error)}.`, {
      cause: error,
    })
  }
}

function openFirst(addon: Addon, folders: readonly LibraryFolder[]): Native {
  const left: string[] = []
  for (const { dir, fallbackDir, needs } of folders) {
    if (needs !== null && !opens(needs)) {
      left.push(`${dir}: this machine has no ${needs}`)
      continue
    }
    try {
      addon.open(dir, fallbackDir)
      return { addon, system: () => addon.open(dir) }
    } catch (error) {
      left.push(`${dir}: ${textOf(error)}`)
    }
  }
  throw new WorkbenchError(
    'engine.no-library',
    left.length === 0
      ? 'Expected a ggml package (@node-llama-cpp/…) for this platform, but none is installed; run "npm ci".'
      : `Expected a ggml package that opens here, but none does:\n${left.join('\n')}`,
  )
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Whether the system's loader finds a library. It is no addon, so Node refuses it either way, but with another text. */
function opens(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY)
    return true
  } catch (error) {
    return error instanceof Error && /did not self-register/.test(error.message)
  }
}
