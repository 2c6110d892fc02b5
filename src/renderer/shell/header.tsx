/** Name, set, model and device, and the way to everything else: the palette. */
import { spotlight } from '@mantine/spotlight'
import { useMutation, useQuery } from '@tanstack/react-query'
import { PanelLeft, PanelRight, Search, type LucideIcon } from 'lucide-react'
import type { SetSummary } from '../../shared/knowledge'
import { queryClient, trpc } from '../rpc/client'
import { strings } from '../strings'
import { useStore } from '../ui/store'
import { allCommands, commands, type Command } from './commands'
import { pickSet, useCurrentSet } from './current-set'
import { keysOf, shownKeys } from './keys'
import { Keys } from './palette'
import { SetPicker } from './set-picker'

const texts = strings.header

export function Header() {
  const { sets, set, pick } = useCurrentSet()
  const sample = useMutation(
    trpc.sets.ensureSample.mutationOptions({
      onSuccess: async ({ id }) => {
        await queryClient.invalidateQueries(trpc.sets.pathFilter())
        pickSet(id)
      },
    }),
  )
  return (
    <header className="bar">
      <h1 className="brand">{strings.product}</h1>
      <SetPicker sets={sets ?? []} current={set} onPick={pick} onSample={() => sample.mutate()} />
      {set && <Model set={set} />}
      <span className="push" />
      <PaletteButton />
      <CommandButton id="layout.list" Icon={PanelLeft} />
      <CommandButton id="layout.inspector" Icon={PanelRight} />
    </header>
  )
}

/** Re-renders with what can be done; null: not now. */
function useCommand(wanted: string): Command | null {
  useStore(commands, ({ lists }) => lists)
  return allCommands().find(({ id }) => id === wanted) ?? null
}

function CommandButton({ id, Icon }: { readonly id: string; readonly Icon: LucideIcon }) {
  const command = useCommand(id)
  if (!command) return null
  const keys = keysOf(command)
  return (
    <button
      type="button"
      className="icon"
      aria-label={command.title}
      title={keys === null ? command.title : strings.joins.aside(command.title, shownKeys(keys))}
      onClick={command.run}
    >
      <Icon size={15} aria-hidden="true" />
    </button>
  )
}

function PaletteButton() {
  const command = useCommand('palette')
  return (
    <button type="button" className="pill find" onClick={spotlight.open}>
      <Search size={12} aria-hidden="true" /> {texts.find} {command && <Keys keys={keysOf(command)} />}
    </button>
  )
}

function Model({ set }: { readonly set: SetSummary }) {
  const models = useQuery(trpc.models.list.queryOptions())
  const status = useQuery(trpc.status.queryOptions())
  const model = models.data?.find(({ id }) => id === set.model)
  const loaded = status.data?.engine.loaded
  const parts = [texts.model(set.model), model?.quantization, loaded ? loaded.device : texts.modelUnloaded]
  return <span className="dim clip wide">{parts.filter(Boolean).join(' · ')}</span>
}
