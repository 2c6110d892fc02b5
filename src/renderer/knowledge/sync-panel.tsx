/** A set in step with folders: what differs is shown before anything is done. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useState } from 'react'
import type { FolderDiff } from '../../shared/knowledge'
import { bridge, client, queryClient, trpc } from '../rpc/client'
import { offerUndo } from '../shell/undo'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { Notice } from '../ui/notice'
import { lookBeforeImport } from './import-request'
import { SyncEntries } from './sync-entries'
import './sync.css'

const texts = strings.sync

interface Props {
  readonly set: { readonly id: string; readonly name: string }
}

export function SyncPanel({ set }: Props) {
  const [candidate, setCandidate] = useState<string | null>(null)
  const [isWatching, setWatching] = useState(false)
  const folders = useQuery(trpc.documents.sync.folders.queryOptions({ set: set.id }))
  const followed = folders.data ?? []
  const wanted = candidate === null ? followed : [candidate]
  const input = { set: set.id, folders: candidate === null ? [] : [candidate] }
  const preview = trpc.documents.sync.preview.queryOptions(input, { enabled: wanted.length > 0, gcTime: 0 })
  const diff = useQuery(preview)
  const watch = useSubscription(
    trpc.documents.sync.watch.subscriptionOptions(
      { set: set.id },
      {
        enabled: isWatching && candidate === null && followed.length > 0,
        onData: (data) => queryClient.setQueryData(preview.queryKey, data),
      },
    ),
  )
  const changed = async (): Promise<void> => {
    await Promise.all([
      queryClient.invalidateQueries(trpc.documents.pathFilter()),
      queryClient.invalidateQueries(trpc.sets.pathFilter()),
      queryClient.invalidateQueries(trpc.status.queryFilter()),
    ])
  }
  const run = useMutation({
    mutationFn: async ({ build }: { readonly build: boolean }) => {
      const job = await client.documents.sync.run.mutate(input)
      if (build) await client.build.mutate({ set: set.id, options: { after: job.id } })
      await changed()
      await client.jobs.finished.query({ id: job.id })
      setCandidate(null)
      await changed()
    },
  })
  const removeGone = useMutation({
    mutationFn: async (ids: readonly string[]) => {
      await client.documents.remove.mutate({ id: [...ids] })
      offerUndo(texts.removed(ids.length), async () => {
        await client.documents.restore.mutate({ id: [...ids] })
        await changed()
      })
      await changed()
    },
  })
  const forget = useMutation({
    mutationFn: async (folder: string) => {
      await client.documents.sync.forget.mutate({ set: set.id, folders: [folder] })
      offerUndo(texts.forgotten(folder), async () => {
        await client.documents.sync.remember.mutate({ set: set.id, folders: [folder] })
        await changed()
      })
      await changed()
    },
  })
  const error = run.error ?? removeGone.error ?? forget.error ?? diff.error ?? folders.error ?? (isWatching ? watch.error : null)
  return (
    <section className="sync" aria-label={texts.title}>
      <p className="dim">{texts.hint}</p>
      {followed.length === 0 && candidate === null && folders.data && <p>{texts.none}</p>}
      <ul className="sync-folders">
        {followed.map((folder) => (
          <li key={folder} className="line">
            <bdi className="clip" title={folder}>
              {folder}
            </bdi>
            <button type="button" className="link push" aria-label={texts.forgetOne(folder)} onClick={() => forget.mutate(folder)}>
              {texts.forget}
            </button>
          </li>
        ))}
      </ul>
      <Follow choose={setCandidate} />
      {candidate !== null && (
        <p>
          <bdi>{texts.newFolder(candidate)}</bdi>
        </p>
      )}
      {error && <Notice failure={failureOf(error)} />}
      {wanted.length > 0 && diff.isPending && !diff.error && <p className="dim">{texts.comparing}</p>}
      {wanted.length > 0 && diff.data && (
        <Difference
          diff={diff.data}
          isNew={candidate !== null}
          isBusy={run.isPending || removeGone.isPending}
          look={(paths) => lookBeforeImport(set, { paths })}
          run={(build) => run.mutate({ build })}
          removeGone={(ids) => removeGone.mutate(ids)}
        />
      )}
      {wanted.length > 0 && (
        <div className="line wrap">
          <button type="button" className="button small" disabled={diff.isFetching} onClick={() => void diff.refetch()}>
            {texts.again}
          </button>
          {candidate === null && (
            <label className="line">
              <input type="checkbox" checked={isWatching} onChange={(event) => setWatching(event.currentTarget.checked)} />
              {texts.watching}
            </label>
          )}
        </div>
      )}
    </section>
  )
}

/** A folder of the machine where the workbench runs: typed, in the window chosen as well. */
function Follow({ choose }: { readonly choose: (folder: string | null) => void }) {
  const [path, setPath] = useState('')
  const pick = useMutation({
    mutationFn: async () => {
      const [folder] = await client.shell.pickPaths.mutate({ what: 'folder' })
      if (folder !== undefined) choose(folder)
    },
  })
  return (
    <form
      className="line"
      aria-label={texts.follow}
      onSubmit={(event) => {
        event.preventDefault()
        choose(path.trim() === '' ? null : path.trim())
        setPath('')
      }}
    >
      <input
        className="field"
        aria-label={texts.path}
        placeholder={texts.path}
        value={path}
        spellCheck={false}
        onChange={(event) => setPath(event.currentTarget.value)}
      />
      <button type="submit" className="button small">
        {texts.look}
      </button>
      {bridge && (
        <button type="button" className="button small" onClick={() => pick.mutate()}>
          {texts.choose}
        </button>
      )}
    </form>
  )
}

interface DifferenceProps {
  readonly diff: FolderDiff
  /** Of a folder that is not followed yet. */
  readonly isNew: boolean
  readonly isBusy: boolean
  readonly look: (paths: string[]) => void
  readonly run: (build: boolean) => void
  readonly removeGone: (ids: string[]) => void
}

function Difference({ diff: { entries, unchanged }, isNew, isBusy, look, run, removeGone }: DifferenceProps) {
  const coming = entries.flatMap(({ state, path }) => (state === 'new' || state === 'changed' ? [path] : []))
  const gone = entries.flatMap(({ state, document }) => (state === 'gone' && document !== null ? [document] : []))
  const isStale = entries.some(({ state }) => state === 'changed')
  return (
    <>
      <p role="status">
        {entries.length === 0 && <b>{texts.inStep} </b>}
        {(['new', 'changed', 'gone', 'unreadable'] as const)
          .map((state) => ({ state, number: entries.filter((entry) => entry.state === state).length }))
          .filter(({ number }) => number > 0)
          .map(({ state, number }) => (
            <span key={state} className="sync-count">
              <i className="sync-dot" data-state={state} aria-hidden /> {number} {texts.states[state]}
            </span>
          ))}
        <span className="dim">{texts.unchanged(unchanged)}</span>
      </p>
      {entries.length > 0 && <SyncEntries entries={entries} />}
      {isStale && <p className="dim">{texts.stale}</p>}
      <div className="line wrap">
        {coming.length > 0 && (
          <button type="button" className="button small" onClick={() => look(coming)}>
            {texts.preview(coming.length)}
          </button>
        )}
        {(coming.length > 0 || isNew) && (
          <button type="button" className="button small" disabled={isBusy} onClick={() => run(false)}>
            {texts.run(coming.length)}
          </button>
        )}
        {coming.length > 0 && (
          <button type="button" className="button small primary" disabled={isBusy} onClick={() => run(true)}>
            {texts.runAndBuild}
          </button>
        )}
        {gone.length > 0 && (
          <button type="button" className="button small" disabled={isBusy} onClick={() => removeGone(gone)}>
            {texts.removeGone(gone.length)}
          </button>
        )}
      </div>
    </>
  )
}
