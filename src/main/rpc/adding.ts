/** Adding a model as a stream: how far it is, then the model. */
import type { ModelSummary, Workbench } from '../../shared/workbench'
import { EventQueue } from '../base/event-queue'

export type AddingEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'added'; readonly model: ModelSummary }

/** Between two events of mere progress. */
const NOTICE_MS = 100

export async function* adding(
  models: Workbench['models'],
  { path, name }: { readonly path: string; readonly name?: string | undefined },
  signal: AbortSignal | undefined,
): AsyncGenerator<AddingEvent, void> {
  const queue = new EventQueue<AddingEvent>()
  let at = -Infinity
  const onProgress = (done: number, total: number): void => {
    if (performance.now() - at < NOTICE_MS) return
    at = performance.now()
    queue.push({ type: 'progress', done, total })
  }
  const added = models.add(path, { name, signal, onProgress })
  void added.then(
    () => queue.end(),
    () => queue.end(),
  )
  yield* queue
  yield { type: 'added', model: await added }
}
