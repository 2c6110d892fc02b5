/** Anything thrown at the page, as what a notice shows. */
import { TRPCClientError } from '@trpc/client'
import type { ErrorCode } from '../../shared/errors'
import type { AppRouter } from '../../shared/router'

export interface Failure {
  readonly code: ErrorCode
  readonly text: string
  /** In place of the code's own. */
  readonly title?: string
}

export function failureOf(error: unknown): Failure {
  if (error instanceof TRPCClientError) {
    const { data, message } = error as TRPCClientError<AppRouter>
    return { code: data?.workbenchCode ?? 'internal', text: message }
  }
  return { code: 'internal', text: error instanceof Error ? error.message : String(error) }
}
