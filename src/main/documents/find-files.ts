/** Files of what a user points at: a file, or a folder with everything importable below it. */
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { WorkbenchError } from '../../shared/errors'
import { throwIfCancelled } from '../base/cancelled'
import { systemFailure } from '../base/error-code'
import { formatOf, unsupported } from './format'
import { MAX_FILES } from './limits'

export interface FoundFile {
  /** As given, with what stands below a given folder joined to it. */
  readonly source: string
  /** Absolute. */
  readonly path: string
  /** Why it cannot be imported, where that is known already. */
  readonly error: WorkbenchError | null
}

/**
 * Folders are read recursively in natural order, files before folders before links; hidden names and other file types
 * are passed over; a folder reached twice through links is read once. A path that cannot be read is reported as such.
 * @throws argument.invalid for more files than `MAX_FILES`
 */
export async function findFiles(paths: readonly string[], signal?: AbortSignal): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  const visited = new Set<string>()
  const take = (file: FoundFile): void => {
    if (found.length === MAX_FILES)
      throw new WorkbenchError(
        'argument.invalid',
        { id: 'import.too-many', params: { most: MAX_FILES } },
      )
    found.push(file)
  }
  const walk = async (source: string, path: string, isGiven: boolean): Promise<void> => {
    throwIfCancelled(signal)
    try {
      const facts = await stat(path)
      if (facts.isDirectory()) {
        const real = await realpath(path)
        if (visited.has(real)) return
        visited.add(real)
        for (const name of await sortedNames(path)) await walk(join(source, name), join(path, name), false)
      } else if (facts.isFile() && formatOf(path)) take({ source, path, error: null })
      else if (isGiven) take({ source, path, error: unsupported(source) })
    } catch (error) {
      if (error instanceof WorkbenchError) throw error
      take({
        source,
        path,
        error: new WorkbenchError(
          'file.unreadable',
          { id: 'file.unreadable', params: { path: source, ...systemFailure(error) } },
          { cause: error },
        ),
      })
    }
  }
  for (const path of paths) await walk(path, resolve(path), true)
  return found
}

/** Links last: what they lead to is found under its own name first. */
function rankOf(entry: Dirent): number {
  if (entry.isFile()) return 0
  return entry.isDirectory() ? 1 : 2
}

async function sortedNames(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => !entry.name.startsWith('.'))
  // One fixed locale: the order must not depend on the machine.
  const natural = new Intl.Collator('en', { numeric: true })
  return entries.toSorted((a, b) => rankOf(a) - rankOf(b) || natural.compare(a.name, b.name)).map((entry) => entry.name)
}
