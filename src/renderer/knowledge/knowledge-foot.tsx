/** Below a set's documents: what is cached, building the rest, importing more, and what the dots mean. */
import { useMutation } from '@tanstack/react-query'
import { CACHE_STATES } from '../../shared/knowledge'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { count } from '../ui/format'
import { Notice } from '../ui/notice'
import { StateDot } from '../ui/state-dot'
import { CacheBytes } from './cache-bytes'
import { ImportButton } from './import-button'
import { openFolders, openTrash } from './import-request'
import { useOutline } from './outline'
import { useSetJob } from './use-set-job'

const texts = strings.knowledge

export function KnowledgeFoot({ set }: { readonly set: string }) {
  const { data: outline } = useOutline(set)
  const job = useSetJob(set)
  const build = useMutation(trpc.build.mutationOptions())
  if (!outline || outline.rows.length === 0) return null
  const missing = outline.chunks - outline.cachedChunks
  return (
    <div className="knowledge-foot">
      <div className="dim">
        {strings.library.cachedOf(count(outline.cachedChunks), count(outline.chunks))}
        <CacheBytes set={set} cached={outline.cachedChunks} />
      </div>
      <div className="line wrap">
        {missing > 0 && (
          <button
            type="button"
            className="button primary small"
            title={texts.buildHint}
            disabled={job !== null || build.isPending}
            onClick={() => build.mutate({ set })}
          >
            {job ? texts.building : texts.build(missing)}
          </button>
        )}
        <ImportButton set={outline} />
        <button type="button" className="link" onClick={openFolders}>
          {strings.sync.title}…
        </button>
        <button type="button" className="link" onClick={openTrash}>
          {strings.trash.open}
        </button>
      </div>
      {build.error && <Notice failure={failureOf(build.error)} />}
      <StateLegend />
    </div>
  )
}

export function StateLegend() {
  return (
    <>
      <h3>{texts.legend}</h3>
      <div className="legend states dim">
        {CACHE_STATES.map((state) => (
          <span key={state} title={strings.stateMeanings[state]}>
            <StateDot state={state} /> {strings.states[state]}
            <span className="meaning">{strings.stateMeanings[state]}</span>
          </span>
        ))}
      </div>
    </>
  )
}
