/** The page: knowledge on the left, question and answer in the middle, what is looked at closely on the right. */
import './ask.css'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { NodeId } from '../../../shared/knowledge'
import { createAsking } from '../../answers/asking'
import { ImportDrop } from '../../knowledge/import-drop'
import { Inspector } from '../../knowledge/inspector'
import { KnowledgePanel } from '../../knowledge/knowledge-panel'
import { checks } from '../../knowledge/selection'
import { queryClient, trpc } from '../../rpc/client'
import { useCurrentSet } from '../../shell/current-set'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { showInspector, Workspace } from '../../ui/workspace'
import { QuestionForm } from './question-form'
import { Result } from './result'

/** One for as long as the window is open: an answer goes on while another page is looked at. */
const asking = createAsking()

export default function AskPage() {
  const { sets, error, set, pick, selection, select } = useCurrentSet()
  const [looked, setLooked] = useState<NodeId | null>(null)
  const tree = useQuery(trpc.sets.show.queryOptions({ set: set?.id ?? '' }, { enabled: set !== null }))
  const documents = tree.data?.tree
  const checked = useMemo(() => checks(documents ?? [], selection), [documents, selection])
  const sample = useMutation(trpc.sets.ensureSample.mutationOptions({ onSuccess: ({ id }) => pick(id) }))
  const look = (id: NodeId): void => {
    setLooked(id)
    showInspector()
  }

  const problem = error ?? tree.error ?? sample.error
  return (
    <Workspace
      listLabel={strings.knowledge.title}
      list={
        <>
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
          {!sets && !error && <p className="dim">{strings.connection.connecting}</p>}
          {set && tree.isPending && <p className="dim">{strings.knowledge.loading}</p>}
        </>
      }
      inspectorLabel={strings.inspector.title}
      inspector={<Inspector tree={documents ?? []} id={looked} asking={asking} />}
    >
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
      {sets?.length === 0 && (
        <Empty
          title={strings.knowledge.noSetTitle}
          hint={strings.knowledge.noSetHint}
          action={{ label: strings.knowledge.noSetAction, run: () => sample.mutate(), busy: sample.isPending }}
        />
      )}
      {set && <ImportDrop set={set} />}
    </Workspace>
  )
}
