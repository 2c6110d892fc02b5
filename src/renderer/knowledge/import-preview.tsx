/** What an import would do, before it does it: the files at the left, a look at one at the right, what it takes below. */
import { useMutation } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import type { PreviewFile } from '../../shared/preview'
import { bridge, client, queryClient, trpc } from '../rpc/client'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { bytes, count, estimate } from '../ui/format'
import { Modal } from '../ui/modal'
import { Notice } from '../ui/notice'
import { ImportLook } from './import-look'
import { FileList } from './import-rows'
import { lookBeforeImport, type ImportRequest } from './import-request'
import { giveUp, usePreview, type PreviewState } from './use-preview'
import './import.css'

const texts = strings.preview
const OUTCOMES = ['added', 'new-version', 'unchanged', 'failed'] as const
type Shown = PreviewFile['outcome'] | 'all'

interface Props {
  readonly request: ImportRequest
  readonly onClose: () => void
}

export default function ImportPreview({ request, onClose }: Props) {
  const state = usePreview(request)
  const { set } = request
  const [shown, setShown] = useState<Shown>('all')
  const [chosen, setChosen] = useState<PreviewFile | null>(null)
  const files = useMemo(() => state.files.filter(({ outcome }) => shown === 'all' || outcome === shown), [state.files, shown])
  const look = chosen ?? files.find(({ outcome }) => outcome !== 'failed') ?? files[0] ?? null
  const start = useMutation({
    mutationFn: async ({ build }: { readonly build: boolean }) => {
      const { from } = state
      if (!from) return
      const job =
        'paths' in from
          ? await client.documents.add.mutate({ set: set.id, paths: from.paths })
          : await client.documents.addUpload.mutate({ set: set.id, upload: from.upload })
      await queryClient.invalidateQueries(trpc.status.queryFilter())
      onClose()
      if (build) await client.build.mutate({ set: set.id, options: { after: job.id } })
    },
  })
  const cancel = useCallback(() => {
    giveUp(state.from)
    onClose()
  }, [state.from, onClose])
  const { totals } = state
  const coming = totals ? totals.files.added + totals.files['new-version'] : 0
  const isReady = totals !== null && coming > 0 && !start.isPending
  return (
    <Modal title={texts.title(set.name)} onClose={cancel} size="roomy">
      <div className="preview">
        <p className="dim">{bridge || 'paths' in request.given ? texts.nothingStored : texts.copies}</p>
        <div className="line wrap" role="group" aria-label={texts.show}>
          <Filter label={texts.all} number={state.files.length} isOn={shown === 'all'} onClick={() => setShown('all')} />
          {OUTCOMES.map((outcome) => (
            <Filter
              key={outcome}
              label={texts.outcomes[outcome]}
              outcome={outcome}
              number={state.files.filter((file) => file.outcome === outcome).length}
              isOn={shown === outcome}
              onClick={() => setShown(outcome)}
            />
          ))}
          <Progress state={state} />
        </div>
        {state.failure ? (
          <Notice failure={state.failure} action={{ label: strings.retry, run: () => lookBeforeImport(set, { ...request.given }) }} />
        ) : (
          <div className="preview-parts">
            <FileList files={files} chosen={look} choose={setChosen} />
            <ImportLook set={set.id} file={look} />
          </div>
        )}
        {start.error && <Notice failure={failureOf(start.error)} />}
        <div className="line wrap">
          {totals && <Totals totals={totals} />}
          <span className="line push">
            <button type="button" className="button" onClick={cancel}>
              {texts.cancel}
            </button>
            <button type="button" className="button" disabled={!isReady} onClick={() => start.mutate({ build: false })}>
              {texts.import}
            </button>
            <button type="button" className="button primary" disabled={!isReady} onClick={() => start.mutate({ build: true })}>
              {texts.importAndBuild}
            </button>
          </span>
        </div>
      </div>
    </Modal>
  )
}

interface FilterProps {
  readonly label: string
  readonly number: number
  readonly isOn: boolean
  readonly outcome?: PreviewFile['outcome']
  readonly onClick: () => void
}

function Filter({ label, number, isOn, outcome, onClick }: FilterProps) {
  return (
    <button type="button" className="pill" aria-pressed={isOn} disabled={number === 0 && !isOn} onClick={onClick}>
      {outcome && <i className="outcome-dot" data-outcome={outcome} aria-hidden />}
      {label} {count(number)}
    </button>
  )
}

function Progress({ state: { phase, done, total, source } }: { readonly state: PreviewState }) {
  if (phase !== 'uploading' && phase !== 'reading') return null
  const words =
    phase === 'uploading' ? texts.uploading(bytes(done), bytes(total)) : texts.reading(count(done), count(total), source)
  return (
    <span className="line push preview-progress" role="status">
      <progress value={done} max={Math.max(1, total)} aria-label={texts.progress} />
      <bdi className="clip dim" title={source}>
        {words}
      </bdi>
    </span>
  )
}

function Totals({ totals: { tokens, chunks, build } }: { readonly totals: NonNullable<PreviewState['totals']> }) {
  const time = build.seconds === null ? texts.timeUnknown : texts.time(estimate(build.seconds))
  return (
    <span role="status">
      <b>{texts.tokens(count(tokens), count(chunks))}</b>{' '}
      <span className="dim">{build.tokens === 0 ? texts.nothingToBuild : texts.toBuild(count(build.tokens), time, bytes(build.bytes))}</span>
    </span>
  )
}
