/** Says that the engine's process died and was started again: what happened, what is safe, what to do. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { engineEnd } from './engine-end'
import { toast } from './undo'

export function useEngineNews(): void {
  const { data: engine } = useQuery({ ...trpc.status.queryOptions(), select: ({ engine }) => engine })
  const known = useRef<number | null>(null)
  const restarts = engine?.restarts ?? null
  const why = engine ? engineEnd(engine) : ''
  useEffect(() => {
    if (restarts === null) return
    if (known.current !== null && restarts > known.current) toast(strings.engineNews.restarted(why), { stays: true })
    known.current = restarts
  }, [restarts, why])
}
