/** Faults of the page itself, handed to the workbench, which keeps a few of them in the data folder. Nothing is sent on. */
import { TRPCClientError } from '@trpc/client'
import type { CrashInput } from '../../shared/shell'
import { client, connection } from './client'

/** Of what the workbench takes. */
const MOST_CHARS = 20_000

export function reportCrash(error: unknown): void {
  if (!isFault(error) || connection.get().state !== 'open') return
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(typeof error)
  const report: CrashInput = { place: 'page', name: name.slice(0, 200), message: message.slice(0, MOST_CHARS), stack: stack.slice(0, MOST_CHARS) }
  void send(report)
}

async function send(report: CrashInput): Promise<void> {
  await client.shell.reportCrash.mutate(report).catch(() => undefined)
}

/** What the workbench answered is no fault of the page, nor is a wait that was given up. */
function isFault(error: unknown): boolean {
  if (error instanceof TRPCClientError) return false
  if (error instanceof DOMException && error.name === 'AbortError') return false
  return !(error instanceof Error && error.message.startsWith('ResizeObserver loop'))
}

/** Also of what no component caught. */
export function watchCrashes(): void {
  addEventListener('error', ({ error, message }) => reportCrash(error ?? new Error(message)))
  addEventListener('unhandledrejection', ({ reason }) => reportCrash(reason))
}
