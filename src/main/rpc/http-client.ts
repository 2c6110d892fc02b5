/** The calls of a workbench that is open elsewhere, by the address that `kvasir serve` printed. */
import { createTRPCClient, httpLink, TRPCClientError, type TRPCClient } from '@trpc/client'
import superjson from 'superjson'
import { fromErrorData, WorkbenchError } from '../../shared/errors'
import type { AppRouter } from './router'

export type RemoteWorkbench = TRPCClient<AppRouter>

/** @throws argument.invalid */
export function connect(address: string): RemoteWorkbench {
  const url = URL.canParse(address) ? new URL(address) : null
  const token = url ? new URLSearchParams(url.hash.slice(1)).get('token') : null
  if (!url || !token || !/^https?:$/.test(url.protocol)) {
    throw new WorkbenchError(
      'argument.invalid',
      'Expected the whole address that "kvasir serve" printed, with its token: http://127.0.0.1:8080/#token=…',
    )
  }
  const link = httpLink({ url: `${url.origin}/rpc`, headers: { authorization: `Bearer ${token}` }, transformer: superjson })
  return createTRPCClient<AppRouter>({ links: [link] })
}

/** Does `call`, and throws what it fails with as the workbench itself would. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error
    const { data, message } = error as TRPCClientError<AppRouter>
    if (data?.workbenchCode) throw fromErrorData({ code: data.workbenchCode, message, ...(data.detail && { detail: data.detail }) }, { cause: error })
    throw new WorkbenchError(
      'not-found',
      `No workbench answers there (${message}). Is "kvasir serve" still running, and is the token its own?`,
      { cause: error },
    )
  }
}
