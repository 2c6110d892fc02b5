/** What the set is, what of it is cached, and building what is missing. */
import { useMutation } from '@tanstack/react-query'
import type { SetSummary } from '../../../shared/knowledge'
import { CacheBytes } from '../../knowledge/cache-bytes'
import { ImportButton } from '../../knowledge/import-button'
import { useOutline } from '../../knowledge/outline'
import { useSetJob } from '../../knowledge/use-set-job'
import { trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { go } from '../../shell/routes'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { count } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { Term } from '../../ui/term'

const texts = strings.library

export function SetHead({ set }: { readonly set: SetSummary }) {
  const { data: outline } = useOutline(set.id)
  const job = useSetJob(set.id)
  const build = useMutation(trpc.build.mutationOptions())
  const missing = outline ? outline.chunks - outline.cachedChunks : 0
  const start = (): void => build.mutate({ set: set.id })
  const canBuild = missing > 0 && job === null && !build.isPending
  useCommands([
    { id: 'library.build', title: texts.buildSet, keys: 'mod+shift+B', disabled: !canBuild, run: start },
    { id: 'library.ask', title: texts.askSet, run: () => go(`/ask/${set.id}`) },
  ])
  return (
    <>
      <div className="line wrap set-head">
        <h1 className="set-name clip" title={set.name}>
          <bdi>{set.name}</bdi>
        </h1>
        <span className="pill clip">{set.model}</span>
        <span className="pill">
          <Term name="profile">{set.profile}</Term>
        </span>
        <span className="push" />
        {outline && outline.rows.length > 0 && <ImportButton set={set} />}
        <button type="button" className="button small" onClick={() => go(`/ask/${set.id}`)}>
          {texts.ask}
        </button>
        {missing > 0 && (
          <button type="button" className="button primary small" title={strings.knowledge.buildHint} disabled={!canBuild} onClick={start}>
            {job ? strings.knowledge.building : strings.knowledge.build(missing)}
          </button>
        )}
      </div>
      {outline && outline.rows.length > 0 && (
        <div className="line wrap dim">
          <span>{strings.knowledge.summary(outline.tokens, outline.tokens)}</span>
          <span>
            <Term name="chunk">{texts.cachedOf(count(outline.cachedChunks), count(outline.chunks))}</Term>
            <CacheBytes set={set.id} cached={outline.cachedChunks} />
          </span>
          <span className="share" aria-hidden="true">
            <i style={{ width: `${(outline.cachedChunks / Math.max(1, outline.chunks)) * 100}%` }} />
          </span>
        </div>
      )}
      {build.error && <Notice failure={failureOf(build.error)} />}
    </>
  )
}
