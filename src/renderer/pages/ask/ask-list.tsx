/** The left part: the set's knowledge, or its earlier questions. */
import { SegmentedControl } from '@mantine/core'
import type { ReactNode } from 'react'
import { usePreference } from '../../shell/preferences'
import { strings } from '../../strings'
import { HistoryList } from './history-list'

const texts = strings.past
const TABS = ['knowledge', 'questions'] as const
type Tab = (typeof TABS)[number]

interface Props {
  readonly set: string
  /** Number of the past question that is shown. */
  readonly shown: number | null
  readonly children: ReactNode
}

export function AskList({ set, shown, children }: Props) {
  const [tab, setTab] = usePreference<Tab>('ask.list', 'knowledge', (value) => TABS.some((each) => each === value))
  return (
    <>
      <SegmentedControl<Tab>
        className="list-tabs"
        size="xs"
        fullWidth
        aria-label={texts.tabs}
        value={tab}
        onChange={setTab}
        data={TABS.map((value) => ({ value, label: texts[value] }))}
      />
      {tab === 'knowledge' ? children : <HistoryList set={set} shown={shown} />}
    </>
  )
}
