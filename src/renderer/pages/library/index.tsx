/** The library: sets on the left, a set's documents in the middle, one of its parts from near on the right. */
import './library.css'
import { useMutation } from '@tanstack/react-query'
import { ArrowLeft } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { NodeId } from '../../../shared/knowledge'
import { openTrash } from '../../knowledge/import-request'
import { KnowledgePanel } from '../../knowledge/knowledge-panel'
import { useTaken } from '../../knowledge/use-taken'
import { queryClient, trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { useCurrentSet } from '../../shell/current-set'
import type { PageProps } from '../../shell/pages'
import { go } from '../../shell/routes'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { showInspector, Workspace } from '../../ui/workspace'
import { NodeInspector } from './node-inspector'
import { SearchBox, SearchResults } from './search'
import { SetHead } from './set-head'
import { SetList } from './set-list'

/** `#/library/set1/race`: what is chosen here is what a race takes. */
const RACE = 'race'

export default function LibraryPage({ rest }: PageProps) {
  const { sets, error, set, pick } = useCurrentSet()
  const [looked, setLooked] = useState<NodeId | null>(null)
  const [query, setQuery] = useState('')
  const sample = useMutation(trpc.sets.ensureSample.mutationOptions({ onSuccess: ({ id }) => pick(id) }))
  useLinked(rest, pick, setLooked)

  const look = (id: NodeId): void => {
    setLooked(id)
    showInspector()
  }
  const problem = error ?? sample.error
  return (
    <Workspace
      listLabel={strings.library.sets}
      list={<SetList sets={sets ?? []} current={set} onPick={pick} />}
      inspectorLabel={strings.inspector.title}
      inspector={<NodeInspector set={set} id={looked} onLook={look} onGone={() => setLooked(null)} />}
    >
      {problem && (
        <Notice
          failure={failureOf(problem)}
          action={{ label: strings.retry, run: () => void queryClient.invalidateQueries() }}
        />
      )}
      {!sets && !error && <p className="dim">{strings.connection.connecting}</p>}
      {set && (
        <div className="library">
          {rest[1] === RACE && <ForRace set={set.id} />}
          <SetHead set={set} />
          <SearchBox query={query} onQuery={setQuery} />
          {query.trim() === '' ? (
            <KnowledgePanel set={set.id} looked={looked} onLook={look} />
          ) : (
            <SearchResults set={set.id} query={query} looked={looked} onLook={look} />
          )}
        </div>
      )}
      {sets?.length === 0 && (
        <Empty
          title={strings.knowledge.noSetTitle}
          hint={strings.knowledge.noSetHint}
          action={{ label: strings.knowledge.noSetAction, run: () => sample.mutate(), busy: sample.isPending }}
        />
      )}
    </Workspace>
  )
}

/** What the race takes, and the way back to it. */
function ForRace({ set }: { readonly set: string }) {
  const { sums } = useTaken(set)
  useCommands([{ id: 'library.race', title: strings.library.backToRace, run: () => go('/race') }])
  return (
    <div className="line wrap for-race" role="status">
      <span>{strings.library.forRace}</span>
      <span className="dim">{sums && strings.ask.selected(sums.chunks, sums.cachedChunks)}</span>
      <button type="button" className="button small push" onClick={() => go('/race')}>
        <ArrowLeft size={12} aria-hidden="true" /> {strings.library.backToRace}
      </button>
    </div>
  )
}

/** `#/library/set1`, `#/library/set1/d3.s2`, `#/library/trash` */
function useLinked([set, node]: readonly string[], pick: (id: string) => void, look: (id: NodeId) => void): void {
  useEffect(() => {
    if (set === 'trash') openTrash()
    else if (set !== undefined) pick(set)
    if (node !== undefined && node !== RACE) look(node)
  }, [set, node, pick, look])
}
