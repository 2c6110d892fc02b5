/** The page: runs at the left; a new one, one on its way, a report, or two side by side. */
import './bench.css'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import type { BenchSummary } from '../../../shared/bench'
import { client, queryClient, trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import type { PageProps } from '../../shell/pages'
import { go } from '../../shell/routes'
import { offerUndo } from '../../shell/undo'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { Workspace } from '../../ui/workspace'
import { Compare } from './compare'
import { LiveRun } from './live-run'
import { Report } from './report'
import { RunList } from './run-list'
import { runName } from './run-name'
import { StartForm } from './start-form'

const texts = strings.bench

export default function BenchPage({ rest: [first, second, third] }: PageProps) {
  const { data: runs, error } = useQuery(trpc.bench.list.queryOptions())
  const { data: status } = useQuery(trpc.status.queryOptions())
  const jobs = (status?.jobs ?? []).filter(
    ({ kind, status: state }) => kind === 'bench' && (state === 'running' || state === 'waiting' || state === 'paused'),
  )
  const remove = useMutation(
    trpc.bench.remove.mutationOptions({
      onSuccess: async (_, { id }) => {
        const run = runs?.find((each) => each.id === id)
        go('/bench/new')
        await queryClient.invalidateQueries(trpc.bench.pathFilter())
        offerUndo(texts.removed(run ? runName(run) : id), async () => {
          await client.bench.restore.mutate({ id })
          await queryClient.invalidateQueries(trpc.bench.pathFilter())
        })
      },
    }),
  )
  const file = useRef<HTMLInputElement>(null)
  const taken = useMutation(
    trpc.bench.importReport.mutationOptions({
      onSuccess: async ({ id }) => {
        await queryClient.invalidateQueries(trpc.bench.pathFilter())
        go(`/bench/${id}`)
      },
    }),
  )
  const takeIn = async (input: HTMLInputElement): Promise<void> => {
    const text = await input.files?.[0]?.text()
    input.value = ''
    if (text !== undefined) taken.mutate({ text })
  }
  const onRemove = (run: BenchSummary): void => remove.mutate({ id: run.id })
  const isReport = first !== undefined && !['new', 'run', 'compare'].includes(first)
  const current = isReport ? runs?.find(({ id }) => id === first) : undefined
  useCommands([
    { id: 'bench.new', title: texts.newRun, run: () => go('/bench/new') },
    { id: 'bench.import', title: texts.import, run: () => file.current?.click() },
    ...(current ? [{ id: 'bench.remove', title: texts.remove, run: () => onRemove(current) }] : []),
  ])
  const problem = error ?? remove.error ?? taken.error
  return (
    <Workspace
      listLabel={texts.list}
      list={
        <>
          <div className="line wrap">
            <button type="button" className="button primary" onClick={() => go('/bench/new')}>
              {texts.newRun}
            </button>
            <button type="button" className="button" title={texts.importHint} onClick={() => file.current?.click()}>
              {texts.import}
            </button>
            <input
              ref={file}
              type="file"
              accept=".json,application/json"
              hidden
              aria-label={texts.import}
              onChange={({ target }) => void takeIn(target)}
            />
          </div>
          {problem && <Notice failure={failureOf(problem)} />}
          {runs?.length === 0 && jobs.length === 0 && <p className="dim">{texts.noneHint}</p>}
          {runs && <RunList runs={runs} jobs={jobs} shown={first === 'run' ? (second ?? null) : (first ?? null)} />}
        </>
      }
    >
      {first === 'run' && second !== undefined ? (
        <LiveRun key={second} job={second} />
      ) : first === 'compare' && second !== undefined && third !== undefined ? (
        <Compare first={second} second={third} runs={runs ?? []} />
      ) : isReport ? (
        <Report id={first} runs={runs ?? []} onRemove={onRemove} />
      ) : (
        <StartForm key={second ?? ''} from={second} />
      )}
    </Workspace>
  )
}
