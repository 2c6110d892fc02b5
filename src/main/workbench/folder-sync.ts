/** Keeping sets in step with folders: what differs, and importing it. */
import { resolve } from 'node:path'
import { WorkbenchError } from '../../shared/errors'
import type { FolderDiff } from '../../shared/knowledge'
import type { JobState, Workbench } from '../../shared/workbench'
import { assertFolders, compareFolders } from '../documents/compare-folders'
import type { Folders } from '../documents/folders'
import type { Library } from '../documents/library'
import type { KnowledgeSet, Sets } from '../documents/sets'
import { folderChanges } from '../documents/watch-folders'
import type { JobSpec } from '../jobs/spec'
import { incomingFiles, type Incoming, type Reading } from './import-job'

export interface FolderSyncParts {
  readonly sets: Sets
  readonly library: Library
  readonly folders: Folders
  readonly startImport: (
    set: KnowledgeSet,
    incoming: (reading: Reading) => Promise<readonly Incoming[]>,
    spec: JobSpec,
  ) => JobState
}

/** @param parts asked for at each call: the workbench is put together around this */
export function folderSync(parts: () => FolderSyncParts): Workbench['documents']['sync'] {
  const chosen = async (set: KnowledgeSet, given: readonly string[]): Promise<string[]> => {
    const paths = [...new Set(given.map((path) => resolve(path)))]
    await assertFolders(paths)
    const all = paths.length > 0 ? paths : parts().folders.list(set.row)
    if (all.length > 0) return all
    throw new WorkbenchError(
      'argument.invalid',
      { id: 'set.no-folder', params: { name: set.name } },
    )
  }
  const compare = (set: KnowledgeSet, paths: readonly string[], signal?: AbortSignal): Promise<FolderDiff> =>
    compareFolders(paths, parts().library.files(set.row), signal)
  return {
    folders: async (name) => parts().folders.list(parts().sets.find(name).row),
    preview: async (name, given = []) => {
      const set = parts().sets.find(name)
      return await compare(set, await chosen(set, given))
    },
    run: async (name, given = []) => {
      const { sets, folders, startImport } = parts()
      const set = sets.find(name)
      const paths = await chosen(set, given)
      folders.remember(set.row, paths)
      const incoming = async (reading: Reading): Promise<readonly Incoming[]> => {
        const { entries } = await compare(set, paths, reading.signal)
        const wanted = entries.filter(({ state }) => state === 'new' || state === 'changed').map(({ path }) => path)
        return wanted.length === 0 ? [] : await incomingFiles(wanted, reading)
      }
      return startImport(set, incoming, { job: 'sync', set: set.id, folders: paths })
    },
    remember: async (name, given) => {
      const { sets, folders } = parts()
      const { row } = sets.find(name)
      const paths = given.map((path) => resolve(path))
      await assertFolders(paths)
      folders.remember(row, paths)
    },
    forget: async (name, given) => {
      const { sets, folders } = parts()
      const { row } = sets.find(name)
      const paths = given.map((path) => resolve(path))
      folders.forget(row, paths)
    },
    watch: async function* (name, { signal } = {}) {
      const set = parts().sets.find(name)
      const paths = await chosen(set, [])
      for await (const _ of folderChanges(paths, { signal })) yield await compare(set, paths, signal)
    },
  }
}
