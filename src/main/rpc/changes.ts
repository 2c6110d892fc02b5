/** Tells a page that something changed which it did not do itself: through another page, or another program. */
import { EventQueue } from '../base/event-queue'
import type { StoreChange } from '../../shared/shell'
import type { Workbench } from '../../shared/workbench'

/** One connection of a page. */
export type PageId = symbol

/** A call that may have changed something, with what was asked. */
export interface Mutation {
  readonly page: PageId
  readonly path: string
  readonly input: unknown
}

type Listener = (mutation: Mutation) => void

const listeners = new WeakMap<Workbench, Set<Listener>>()

/** Calls `listener` after every mutation through the router; the result stops that. */
export function onMutation(workbench: Workbench, listener: Listener): () => void {
  const known = listeners.get(workbench) ?? new Set()
  listeners.set(workbench, known.add(listener))
  return () => void known.delete(listener)
}

export function announce(workbench: Workbench, mutation: Mutation): void {
  for (const listener of listeners.get(workbench) ?? []) listener(mutation)
}

/** What others changed, from now on. */
export async function* changesForPage(
  workbench: Workbench,
  { page, signal }: { readonly page: PageId; readonly signal: AbortSignal },
): AsyncGenerator<StoreChange, void> {
  const queue = new EventQueue<StoreChange>()
  const ended = new AbortController()
  const stop = AbortSignal.any([signal, ended.signal])
  const forget = onMutation(workbench, ({ page: by, path }) => {
    if (by !== page && !path.startsWith('shell.')) queue.push({ by: 'another-page', what: whatOf(path) })
  })
  const others = forward(workbench.store.changes(stop), queue)
  stop.addEventListener('abort', () => queue.end(), { once: true })
  try {
    yield* queue
  } finally {
    ended.abort()
    forget()
    await others
  }
}

const whatOf = (path: string): StoreChange['what'] => (path.startsWith('preferences.') ? 'preferences' : 'anything')

async function forward<T>(from: AsyncIterable<T>, to: EventQueue<T>): Promise<void> {
  try {
    for await (const value of from) to.push(value)
  } catch (error) {
    to.fail(error)
  }
}
