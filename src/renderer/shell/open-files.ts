/** Documents and models by their paths on this machine, which only the window knows: from its dialogs, its menu, its list of recent things. */
import { lookBeforeImport } from '../knowledge/import-request'
import { client, queryClient, trpc } from '../rpc/client'
import { strings } from '../strings'
import { failureOf, inShort } from '../ui/failure'
import { useCommands } from './commands'
import { preference } from './preferences'
import { go } from './routes'
import { toast } from './undo'

const texts = strings.window

/** Into the set that is shown, after a look at what that would do. */
export function importPaths(paths: readonly string[]): void {
  void told(async () => {
    const sets = await client.sets.list.query()
    const set = sets.find(({ id }) => id === preference('set')) ?? sets[0]
    if (!set) return toast(texts.noSet)
    lookBeforeImport(set, { paths })
  })
}

export function openModel(path: string): void {
  void told(async () => {
    await client.models.add.mutate({ path })
    await queryClient.invalidateQueries(trpc.models.pathFilter())
    go('/models')
  })
}

/** What the menu's items for files do; in a browser files are uploaded instead. */
export function useFileCommands(): void {
  const pick = (what: 'files' | 'folder' | 'models', take: (paths: string[]) => void) => () =>
    void told(async () => {
      const paths = await client.shell.pickPaths.mutate({ what })
      if (paths.length > 0) take(paths)
    })
  useCommands([
    { id: 'import.files', title: texts.importFiles, run: pick('files', importPaths) },
    { id: 'import.folder', title: texts.importFolder, run: pick('folder', importPaths) },
    { id: 'model.open', title: texts.openModel, run: pick('models', (paths) => paths.forEach(openModel)) },
  ])
}

async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    toast(inShort(failureOf(error)))
  }
}
