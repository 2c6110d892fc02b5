/** The command palette: every command of the page that is shown, every page, every set. */
import '@mantine/spotlight/styles.layer.css'
import { Spotlight, spotlight, type SpotlightActionGroupData } from '@mantine/spotlight'
import { useQuery } from '@tanstack/react-query'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { useStore } from '../ui/store'
import { allCommands, commands, useCommands } from './commands'
import { pickSet } from './current-set'
import { keysOf, shownKeys } from './keys'
import { PAGES } from './pages'
import { go } from './routes'

const texts = strings.palette
/** Sets are found by typing, not by scrolling. */
const MOST_SETS = 200

export function Palette() {
  useCommands([{ id: 'palette', title: texts.open, keys: 'mod+K', run: spotlight.open }])
  useStore(commands, ({ lists }) => lists)
  const sets = useQuery(trpc.sets.list.queryOptions())
  const groups: SpotlightActionGroupData[] = [
    {
      group: texts.commands,
      actions: allCommands()
        .filter(({ id, disabled }) => id !== 'palette' && !disabled && !id.startsWith('go.'))
        .map((command) => ({
          id: command.id,
          label: command.title,
          keywords: command.words,
          rightSection: <Keys keys={keysOf(command)} />,
          onClick: command.run,
        })),
    },
    {
      group: texts.pages,
      actions: PAGES.map(({ id, icon: Icon }) => {
        const command = allCommands().find((each) => each.id === `go.${id}`)
        return {
          id: `page ${id}`,
          label: strings.pages[id],
          leftSection: <Icon size={14} aria-hidden="true" />,
          rightSection: <Keys keys={command ? keysOf(command) : null} />,
          onClick: () => go(`/${id}`),
        }
      }),
    },
    {
      group: texts.sets,
      actions: (sets.data ?? []).slice(0, MOST_SETS).map(({ id, name }) => ({
        id: `set ${id}`,
        label: name,
        onClick: () => pickSet(id),
      })),
    },
  ]
  return (
    <Spotlight
      actions={groups.filter(({ actions }) => actions.length > 0)}
      shortcut={null}
      // The page itself never scrolls, and the lock would want a style element of its own.
      lockScroll={false}
      nothingFound={texts.nothing}
      searchProps={{ placeholder: texts.placeholder, 'aria-label': texts.placeholder }}
      attributes={{ content: { 'aria-label': texts.open } }}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      scrollable
      maxHeight={420}
      // Its own entrance would make what is measured and photographed depend on time.
      transitionProps={{ duration: 0 }}
    />
  )
}

export function Keys({ keys }: { readonly keys: string | null }) {
  return keys === null ? null : <kbd className="keys">{shownKeys(keys)}</kbd>
}
