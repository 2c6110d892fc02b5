/** Which of the installed ggml packages may serve, best first. The host takes the first that it can open. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { unpacked } from './places'

export interface LibraryFolder {
  readonly dir: string
  /** Holds the accelerator's module once more, without outside dependencies, for machines that lack those. */
  readonly fallbackDir: string | null
  /** The driver's library: without it the folder is of no use. Only the host tries to open it. */
  readonly needs: string | null
}

export interface Machine {
  readonly platform: NodeJS.Platform
  readonly arch: string
  readonly env: NodeJS.ProcessEnv
}

/** `KVASIR_GGML_DIR` is the only one when it is set; an empty list means that no package is installed. */
export function libraryFolders(root: string, machine: Machine = process): LibraryFolder[] {
  const override = machine.env['KVASIR_GGML_DIR']
  if (override) return [{ dir: resolve(override), fallbackDir: null, needs: null }]
  const base = platformName(machine)
  const windows = machine.platform === 'win32'
  const wanted = [
    { name: `${base}-cuda`, needs: windows ? 'nvcuda.dll' : 'libcuda.so.1' },
    { name: `${base}-vulkan`, needs: windows ? 'vulkan-1.dll' : 'libvulkan.so.1' },
    { name: `${base}-metal`, needs: null },
    { name: base, needs: null },
  ]
  return wanted.flatMap(({ name, needs }) => {
    const dir = packageFolder(root, name, name)
    return dir ? [{ dir, fallbackDir: packageFolder(root, `${name}-ext`, join(name, 'fallback')), needs }] : []
  })
}

/** As the `@node-llama-cpp/*` packages are called. */
export function platformName({ platform, arch }: Pick<Machine, 'platform' | 'arch'>): string {
  const system = platform === 'win32' ? 'win' : platform === 'darwin' ? 'mac' : platform
  return `${system}-${arch === 'arm' ? 'armv7l' : arch}`
}

function packageFolder(root: string, name: string, bins: string): string | null {
  for (let folder = root; ; folder = dirname(folder)) {
    const dir = unpacked(join(folder, 'node_modules', '@node-llama-cpp', name, 'bins', bins))
    if (existsSync(dir)) return dir
    if (dirname(folder) === folder) return null
  }
}
