/** Asking: knowledge and earlier questions on the left, question and answer in the middle, what is looked at on the right. */
import './ask.css'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { AskInput } from '../../../shared/answer'
import type { NodeId, SetSummary } from '../../../shared/knowledge'
import type { Strategy } from '../../../shared/strategy'
import { createAsking } from '../../answers/asking'
import { Inspector } from '../../knowledge/inspector'
import { KnowledgeFoot } from '../../knowledge/knowledge-foot'
import { KnowledgePanel } from '../../knowledge/knowledge-panel'
import { documentOf, useDetails, useOutline } from '../../knowledge/outline'
import { useTaken } from '../../knowledge/use-taken'
import { queryClient, trpc } from '../../rpc/client'
import { useCurrentSet } from '../../shell/current-set'
import type { PageProps } from '../../shell/pages'
import { go } from '../../shell/routes'
import { toast } from '../../shell/undo'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { showInspector, Workspace } from '../../ui/workspace'
import { AskList } from './ask-list'
import { ChunkInspector } from './chunk-inspector'
import { addTurn } from './conversation'
import { draftOf } from './draft'
import { PastQuestion, usePast } from './past-question'
import { QuestionForm } from './question-form'
import { Result } from './result'

/** One for as long as the window is open: an answer goes on while another page is looked at. */
const asking = createAsking({
  onAnswered: ({ set }, query) => {
    addTurn(set, query)
    void queryClient.invalidateQueries(trpc.hits.pathFilter())
    void queryClient.invalidateQueries(trpc.estimate.pathFilter())
  },
})

export default function AskPage({ rest }: PageProps) {
  const { sets, error, set, pick } = useCurrentSet()
  const [looked, setLooked] = useState<NodeId | null>(null)
  const pastId = pastIdOf(rest)
  const past = usePast(pastId)
  // A past question shows its own set's parts, whatever set is chosen.
  const shownSet = pastId === null ? set?.id : past.whole?.query.setName === null ? undefined : past.whole?.query.set
  const outline = useOutline(shownSet ?? '')
  const taken = useTaken(set?.id ?? '')
  const lookedDetails = useDetails(looked === null ? [] : [documentOf(looked)])
  const documents = [...lookedDetails.values()]
  const sample = useMutation(trpc.sets.ensureSample.mutationOptions({ onSuccess: ({ id }) => pick(id) }))
  const shown = pastId === null ? asking : past.asking
  useLinkedSet(rest, sets, pick)
  useFreshEstimates(outline.dataUpdatedAt)

  const look = (id: NodeId): void => {
    setLooked(id)
    showInspector()
  }
  const again = (strategy?: Strategy): void => {
    const { request } = shown.main.get()
    if (!request) return
    pick(request.set)
    draftOf(request.set).set({ question: request.question, proposing: false })
    if (pastId !== null) go('/ask')
    void asking.ask(againOf(request, strategy), { compare: false })
  }

  const problem = error ?? sample.error
  const isChunk = looked !== null && /\.c\d+$/.test(looked)
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
          {shownSet !== undefined && (
            <AskList set={shownSet} shown={pastId}>
              <h2 className="hidden-text">{strings.knowledge.title}</h2>
              <KnowledgePanel set={shownSet} looked={looked} onLook={look} />
              <KnowledgeFoot set={shownSet} />
            </AskList>
          )}
          {!sets && !error && <p className="dim">{strings.connection.connecting}</p>}
        </>
      }
      inspectorLabel={strings.inspector.title}
      inspector={
        isChunk && shownSet !== undefined ? (
          <ChunkInspector tree={documents} set={shownSet} id={looked} asking={shown} onAgain={again} />
        ) : (
          <Inspector tree={documents} id={looked} asking={shown} />
        )
      }
    >
      {pastId !== null ? (
        <PastQuestion past={past} looked={looked} onLook={look} onAgain={shownSet === undefined ? null : () => again()} />
      ) : (
        <>
          {set && (
            <QuestionForm
              key={set.id}
              asking={asking}
              set={set}
              hasDocuments={(outline.data?.rows.length ?? 0) > 0}
              suggestions={outline.data?.suggestions ?? []}
              selection={taken.selection}
              sums={taken.sums}
              onSelection={taken.select}
              onLook={look}
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
        </>
      )}
    </Workspace>
  )
}

/** `#/query/17` */
function pastIdOf([first, second]: readonly string[]): number | null {
  return first === 'query' && /^[1-9]\d{0,14}$/.test(second ?? '') ? Number(second) : null
}

/** `#/ask/set1` */
function useLinkedSet(
  [first, second, question]: readonly string[],
  sets: readonly SetSummary[] | undefined,
  pick: (id: string) => void,
): void {
  useEffect(() => {
    if (first === undefined || first === 'query' || !sets) return
    const set = sets.find(({ id }) => id === first) ?? sets.find(({ name }) => name === first)
    if (!set) return toast(strings.window.noSuchSet(first))
    pick(set.id)
    if (second !== 'question' || !question) return
    // Filled in, for the person to look at and to ask.
    draftOf(set.id).set({ question, proposing: false })
    go(`/ask/${set.id}`, { replace: true })
  }, [first, second, question, sets, pick])
}

/** What was built or changed meanwhile costs otherwise. */
function useFreshEstimates(treeReadAt: number): void {
  useEffect(() => {
    if (treeReadAt > 0) void queryClient.invalidateQueries(trpc.estimate.pathFilter())
  }, [treeReadAt])
}

/** Builds what it misses, as every question of the window does. */
function againOf(request: AskInput, strategy: Strategy | undefined): AskInput {
  const { keepMissed: _, ...rest } = request
  return strategy === undefined ? rest : { ...rest, strategy }
}
