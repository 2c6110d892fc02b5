import { basename } from 'node:path'
import { watch } from 'chokidar'
import { WorkbenchError } from '../../shared/errors'
import { errorText } from '../base/error-code'
import { EventQueue } from '../base/event-queue'
import { formatOf } from './format'

export interface WatchOptions {
  readonly signal?: AbortSignal
  /** Quiet time after which a change is told, so that a file is not read while it is written. Default 500. */
  readonly settleMs?: number
}

/** Says when something importable in the folders has changed; first when it has begun to look. */
export async function* folderChanges(
  folders: readonly string[],
  { signal, settleMs = 500 }: WatchOptions = {},
): AsyncGenerator<'changed', void> {
  const changes = new EventQueue<'changed'>()
  let settling: NodeJS.Timeout | undefined
  const watcher = watch([...folders], {
    ignoreInitial: true,
    ignored: (path, facts) =>
      !folders.includes(path) &&
      (basename(path).startsWith('.') || (facts?.isFile() === true && formatOf(path) === null)),
  })
  watcher.on('ready', () => changes.push('changed'))
  watcher.on('all', () => {
    clearTimeout(settling)
    settling = setTimeout(() => changes.push('changed'), settleMs)
  })
  watcher.on('error', (error) =>
    changes.fail(
      new WorkbenchError(
        'file.unreadable',
        `The folders cannot be watched: ${errorText(error)}. Use \`kvasir docs sync\`.`,
        { cause: error },
      ),
    ),
  )
  const end = (): void => changes.end()
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  try {
    yield* changes
  } finally {
    signal?.removeEventListener('abort', end)
    clearTimeout(settling)
    await watcher.close()
  }
}
