/** Name, set, model and device, theme. */
import { SegmentedControl, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { SetSummary } from '../../shared/knowledge'
import { trpc } from '../rpc/client'
import { strings } from '../strings'

const texts = strings.header

interface Props {
  readonly set: SetSummary | null
  readonly picker: ReactNode
  readonly inspector: boolean
  readonly onInspector: (shown: boolean) => void
}

export function Header({ set, picker, inspector, onInspector }: Props) {
  return (
    <header className="bar">
      <h1 className="brand">{strings.product}</h1>
      {picker}
      {set && <Model set={set} />}
      <span className="push" />
      <ThemeSwitch />
      <button type="button" className="button small" aria-expanded={inspector} onClick={() => onInspector(!inspector)}>
        {inspector ? texts.hideInspector : texts.showInspector}
      </button>
    </header>
  )
}

function Model({ set }: { readonly set: SetSummary }) {
  const models = useQuery(trpc.models.list.queryOptions())
  const status = useQuery(trpc.status.queryOptions())
  const model = models.data?.find(({ id }) => id === set.model)
  const loaded = status.data?.engine.loaded
  const parts = [texts.model(set.model), model?.quantization, loaded ? loaded.device : texts.modelUnloaded]
  return <span className="dim clip">{parts.filter(Boolean).join(' · ')}</span>
}

function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl<MantineColorScheme>
      aria-label={texts.theme}
      value={colorScheme}
      onChange={setColorScheme}
      data={[
        { value: 'light', label: texts.light },
        { value: 'dark', label: texts.dark },
        { value: 'auto', label: texts.system },
      ]}
    />
  )
}
