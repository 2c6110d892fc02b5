/** The page: knowledge on the left, question and answer in the middle, what is looked at closely on the right. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { NodeId, Selection } from '../../../shared/knowledge'
import { queryClient, trpc } from '../../rpc/client'
import { ConnectionBanner } from '../../shell/connection'
import { Header } from '../../shell/header'
import { SetPicker } from '../../shell/set-picker'
import { StatusBar } from '../../shell/status-bar'
import { useJobs } from '../../shell/use-jobs'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { createAsking } from '../../answers/asking'
import { ImportDrop } from '../../knowledge/import-drop'
import { Inspector } from '../../knowledge/inspector'
import { KnowledgePanel } from '../../knowledge/knowledge-panel'
import { QuestionForm } from './question-form'
import { Result } from './result'
import { checks, EVERYTHING } from '../../knowledge/selection'

const SET_PLACE = 'kvasir.set'

export function AskPage() {
  useJobs()
  const [asking] = useState(createAsking)
  const [chosen, setChosen] = useState(() => localStorage.getItem(SET_PLACE))
  const [selections, setSelections] = useState<Readonly<Record<string, Selection>>>({})
  const [looked, setLooked] = useState<NodeId | null>(null)
  const [inspector, setInspector] = useState(true)

  const sets = useQuery(trpc.sets.list.queryOptions())
  const set = sets.data?.find(({ id }) => id === chosen) ?? sets.data?.[0] ?? null
  const tree = useQuery(trpc.sets.show.queryOptions({ set: set?.id ?? '' }, { enabled: set !== null }))
  const selection = (set && selections[set.id]) ?? EVERYTHING
  const documents = tree.data?.tree
  const checked = useMemo(() => checks(documents ?? [], selection), [documents, selection])

  const pick = (id: string): void => {
    localStorage.setItem(SET_PLACE, id)
    setChosen(id)
    setLooked(null)
    void queryClient.invalidateQueries(trpc.sets.pathFilter())
  }
  const sample = useMutation(trpc.sets.ensureSample.mutationOptions({ onSuccess: ({ id }) => pick(id) }))
  const select = (next: Selection): void => {
    if (set) setSelections({ ...selections, [set.id]: next })
  }
  const look = (id: NodeId): void => {
    setLooked(id)
    setInspector(true)
  }

  const problem = sets.error ?? tree.error ?? sample.error
  return (
    <div className="app" data-inspector={inspector ? 'shown' : 'hidden'}>
      <Header
        set={set}
        inspector={inspector}
        onInspector={setInspector}
        picker={<SetPicker sets={sets.data ?? []} current={set} onPick={pick} onSample={() => sample.mutate()} />}
      />
      <ConnectionBanner />
      <section className="panel side knowledge" aria-label={strings.knowledge.title}>
        {problem && (
          <Notice
            failure={failureOf(problem)}
            action={{ label: strings.retry, run: () => void queryClient.invalidateQueries() }}
          />
        )}
        {set && tree.data && (
          <KnowledgePanel
            set={tree.data}
            selection={selection}
            checked={checked}
            looked={looked}
            onSelection={select}
            onLook={look}
          />
        )}
        {sets.isPending && <p className="dim">{strings.connection.connecting}</p>}
        {set && tree.isPending && <p className="dim">{strings.knowledge.loading}</p>}
      </section>
      <main className="panel centre">
        {set && (
          <QuestionForm
            key={set.id}
            asking={asking}
            set={set}
            suggestions={tree.data?.suggestions ?? []}
            selection={selection}
            selected={checked.sum}
            onSelection={select}
          />
        )}
        {set && <Result asking={asking} looked={looked} onLook={look} />}
        {sets.data?.length === 0 && (
          <Empty
            title={strings.knowledge.noSetTitle}
            hint={strings.knowledge.noSetHint}
            action={{ label: strings.knowledge.noSetAction, run: () => sample.mutate(), busy: sample.isPending }}
          />
        )}
      </main>
      {inspector && (
        <aside className="panel side inspector" aria-label={strings.inspector.title}>
          <Inspector tree={documents ?? []} id={looked} asking={asking} />
        </aside>
      )}
      <StatusBar />
      {set && <ImportDrop set={set} />}
    </div>
  )
}
