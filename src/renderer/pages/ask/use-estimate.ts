/** What each strategy would cost the question as it stands, asked a moment after it changed. */
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { AskInput } from '../../../shared/answer'
import type { Estimate } from '../../../shared/estimate'
import { trpc } from '../../rpc/client'
import { failureOf, type Failure } from '../../ui/failure'

const PAUSE_MS = 350

export interface Estimated {
  readonly estimate: Estimate | undefined
  readonly failure: Failure | null
  readonly isPending: boolean
}

export function useEstimate(request: AskInput, enabled: boolean): Estimated {
  const { set, question, selection, history, profile, strategy = 'reuse' } = request
  const [input] = useDebouncedValue(JSON.stringify({ set, question, selection, history, profile, strategies: [strategy] }), PAUSE_MS)
  const { data, error, isFetching } = useQuery(
    trpc.estimate.queryOptions(JSON.parse(input) as { set: string }, { enabled, placeholderData: keepPreviousData }),
  )
  return { estimate: error ? undefined : data, failure: error ? failureOf(error) : null, isPending: isFetching && data === undefined }
}
