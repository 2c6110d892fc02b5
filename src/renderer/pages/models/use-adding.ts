/** Adding a model: its whole file is read once, which takes a while; how far that is, is said, and it can be stopped. */
import { useEffect, useRef, useState } from 'react'
import type { ModelSummary } from '../../../shared/workbench'
import { client, queryClient, trpc } from '../../rpc/client'
import { toast } from '../../shell/undo'
import { strings } from '../../strings'
import { failureOf, type Failure } from '../../ui/failure'

export interface Adding {
  readonly path: string | null
  readonly done: number
  readonly total: number
  readonly failure: Failure | null
  readonly add: (path: string, name?: string) => void
  readonly stop: () => void
  readonly fail: (failure: Failure | null) => void
}

const IDLE = { path: null, done: 0, total: 0 }

export function useAdding(onAdded: (model: ModelSummary) => void): Adding {
  const [state, setState] = useState<Pick<Adding, 'path' | 'done' | 'total'>>(IDLE)
  const [failure, fail] = useState<Failure | null>(null)
  const subscription = useRef<{ unsubscribe: () => void } | null>(null)
  useEffect(() => () => subscription.current?.unsubscribe(), [])
  const stop = (): void => {
    subscription.current?.unsubscribe()
    subscription.current = null
    setState(IDLE)
  }
  const add = (path: string, name?: string): void => {
    subscription.current?.unsubscribe()
    fail(null)
    setState({ ...IDLE, path })
    subscription.current = client.models.adding.subscribe(
      { path, name },
      {
        onData: (event) => {
          if (event.type === 'progress') return setState({ path, done: event.done, total: event.total })
          stop()
          toast(strings.models.add.added(event.model.id))
          void queryClient.invalidateQueries(trpc.models.pathFilter())
          onAdded(event.model)
        },
        onError: (error) => {
          stop()
          fail(failureOf(error))
        },
      },
    )
  }
  return { ...state, failure, add, stop, fail }
}
