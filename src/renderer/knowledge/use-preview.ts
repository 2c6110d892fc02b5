/** A preview on its way: copies are handed over where there are no paths, then every file's row comes as it is read. */
import { useEffect, useState } from 'react'
import type { ImportSource, PreviewFile, PreviewTotals } from '../../shared/preview'
import { client } from '../rpc/client'
import { failureOf, type Failure } from '../ui/failure'
import { uploadFiles } from './import-files'
import type { ImportRequest } from './import-request'

export interface PreviewState {
  readonly phase: 'uploading' | 'reading' | 'done' | 'failed'
  /** Bytes while uploading, files while reading. */
  readonly done: number
  readonly total: number
  /** Which file is being read. */
  readonly source: string
  readonly files: readonly PreviewFile[]
  readonly totals: PreviewTotals | null
  readonly failure: Failure | null
  /** Once it is known. */
  readonly from: ImportSource | null
}

const NOTHING: PreviewState = {
  phase: 'reading',
  done: 0,
  total: 0,
  source: '',
  files: [],
  totals: null,
  failure: null,
  from: null,
}
/** Rows are shown together, not one by one. */
const SHOWN_EVERY_MS = 80

export function usePreview({ set, given }: ImportRequest): PreviewState {
  const [state, setState] = useState(NOTHING)
  useEffect(() => {
    const stop = new AbortController()
    let next = NOTHING
    const files: PreviewFile[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const show = (change: Partial<PreviewState>, isUrgent = false): void => {
      next = { ...next, ...change }
      if (isUrgent) {
        clearTimeout(timer)
        timer = undefined
        setState({ ...next, files: [...files] })
      } else timer ??= setTimeout(() => show({}, true), SHOWN_EVERY_MS)
    }
    const fail = (error: unknown): void => {
      if (!stop.signal.aborted) show({ phase: 'failed', failure: failureOf(error) }, true)
    }
    const begin = async (): Promise<void> => {
      const from = await sourceOf()
      stop.signal.throwIfAborted()
      show({ phase: 'reading', from, done: 0, total: 0 }, true)
      const subscription = client.documents.preview.subscribe(
        { set: set.id, from },
        {
          onData: (event) => {
            if (event.type === 'start') show({ total: event.total })
            else if (event.type === 'reading') show({ source: event.source, done: event.done })
            else if (event.type === 'file') {
              files.push(event.file)
              show({ done: files.length })
            } else show({ phase: 'done', totals: event.totals }, true)
          },
          onError: fail,
        },
      )
      stop.signal.addEventListener('abort', () => subscription.unsubscribe(), { once: true })
    }
    const sourceOf = async (): Promise<ImportSource> => {
      if ('paths' in given) return { paths: [...given.paths] }
      show({ phase: 'uploading' }, true)
      const onProgress = (done: number, total: number): void => show({ done, total })
      return { upload: await uploadFiles(given.files, { signal: stop.signal, onProgress }) }
    }
    show({}, true)
    void begin().catch(fail)
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [set.id, given])
  return state
}

/** What was handed over and is not wanted. */
export function giveUp(from: ImportSource | null): void {
  if (from && 'upload' in from) void client.documents.uploads.discard.mutate({ upload: from.upload }).catch(() => undefined)
}
