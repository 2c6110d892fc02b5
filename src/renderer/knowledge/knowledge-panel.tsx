/** The set: what of it is taken, what is cached, and what to do about the rest. */
import { useMutation } from '@tanstack/react-query'
import type { NodeId, Selection, SetTree } from '../../shared/knowledge'
import { phaseOf } from '../shell/job-words'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { Empty } from '../ui/empty'
import { failureOf } from '../ui/failure'
import { bytes } from '../ui/format'
import { Notice } from '../ui/notice'
import { StateDot } from '../ui/state-dot'
import { ImportButton } from './import-button'
import { ImportProblems } from './import-problems'
import { openFolders, openTrash } from './import-request'
import { setAll, toggle, type Check, type Selected } from './selection'
import { Tree } from './tree'
import { useSetJob } from './use-set-job'

const texts = strings.knowledge

interface Props {
  readonly set: SetTree
  readonly selection: Selection
  readonly checked: { readonly of: ReadonlyMap<NodeId, Check>; readonly sum: Selected }
  readonly looked: NodeId | null
  readonly onSelection: (selection: Selection) => void
  readonly onLook: (id: NodeId) => void
}

export function KnowledgePanel({ set, selection, checked, looked, onSelection, onLook }: Props) {
  const job = useSetJob(set.id)
  const { sum } = checked
  return (
    <>
      <div className="line">
        <h2>{texts.title}</h2>
        <span className="push" />
        {set.tree.length > 0 && (
          <>
            <button
              type="button"
              className="link"
              disabled={sum.check === 'on'}
              onClick={() => onSelection(setAll(set.tree, true))}
            >
              {texts.all}
            </button>
            <button
              type="button"
              className="link"
              disabled={sum.check === 'off'}
              onClick={() => onSelection(setAll(set.tree, false))}
            >
              {texts.none}
            </button>
          </>
        )}
      </div>
      {set.tree.length > 0 && (
        <>
          <div className="dim">
            {texts.documents(sum.documents, set.tree.length)} · {texts.summary(sum.tokens, set.tokens)}
          </div>
          <Tree
            documents={set.tree}
            checks={checked.of}
            looked={looked}
            onToggle={(id) => onSelection(toggle(set.tree, selection, id))}
            onLook={onLook}
          />
        </>
      )}
      {set.tree.length === 0 &&
        (job ? (
          <Empty title={texts.importing} hint={phaseOf(job)} />
        ) : (
          <Empty title={texts.emptyTitle} hint={texts.emptyHint}>
            <ImportButton set={set} />
          </Empty>
        ))}
      <ImportProblems set={set.id} />
      <div className="line wrap">
        {set.tree.length > 0 && <ImportButton set={set} />}
        <button type="button" className="link" onClick={openFolders}>
          {strings.sync.title}…
        </button>
        <button type="button" className="link" onClick={openTrash}>
          {strings.trash.open}
        </button>
      </div>
      {set.tree.length > 0 && (
        <div className="knowledge-foot">
          <Build set={set} busy={job !== null} />
          <h3>{texts.legend}</h3>
          <div className="legend states dim">
            {(['cached', 'partly', 'stale', 'missing'] as const).map((state) => (
              <span key={state} title={strings.stateMeanings[state]}>
                <StateDot state={state} /> {strings.states[state]}
                <span className="meaning">{strings.stateMeanings[state]}</span>
              </span>
            ))}
          </div>
        </div>
      )}
    </>
  )
}

function Build({ set, busy }: { readonly set: SetTree; readonly busy: boolean }) {
  const build = useMutation(trpc.build.mutationOptions())
  const missing = set.chunks - set.cachedChunks
  return (
    <>
      <div className="dim">{texts.cached(set.cachedChunks, set.chunks, bytes(set.cacheBytes))}</div>
      {missing > 0 && (
        <div className="line">
          <button
            type="button"
            className="button primary small"
            title={texts.buildHint}
            disabled={busy || build.isPending}
            onClick={() => build.mutate({ set: set.id })}
          >
            {busy ? texts.building : texts.build(missing)}
          </button>
        </div>
      )}
      {build.error && <Notice failure={failureOf(build.error)} />}
    </>
  )
}
