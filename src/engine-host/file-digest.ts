/** SHA-256 of a whole file, streamed. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { WorkbenchError } from '../shared/errors'

const BLOCK_BYTES = 1024 * 1024
/** Progress is worth a message this often, not for every block. */
const PROGRESS_BYTES = 64 * BLOCK_BYTES

export interface DigestOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Digest (hex) and size in bytes.
 * @throws `file.unreadable` when it cannot be read or is no regular file, `cancelled` when `signal` aborts.
 */
export async function fileDigest(
  path: string,
  options: DigestOptions = {},
): Promise<{ digest: string; bytes: number }> {
  const { signal, onProgress } = options
  try {
    await using file = await open(path, 'r')
    const facts = await file.stat()
    if (!facts.isFile()) throw new WorkbenchError('file.unreadable', `Expected a regular file at ${path}.`)
    const hash = createHash('sha256')
    const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, Math.max(1, facts.size)))
    let bytes = 0
    for (;;) {
      if (signal?.aborted) throw new WorkbenchError('cancelled', 'Cancelled.')
      const { bytesRead } = await file.read(block, 0, block.length, bytes)
      if (bytesRead === 0) break
      hash.update(block.subarray(0, bytesRead))
      bytes += bytesRead
      if (bytes % PROGRESS_BYTES === 0) onProgress?.(bytes, facts.size)
    }
    onProgress?.(bytes, facts.size)
    return { digest: hash.digest('hex'), bytes }
  } catch (error) {
    if (error instanceof WorkbenchError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new WorkbenchError('file.unreadable', `Expected to read ${path}, but the system says: ${reason}.`, {
      cause: error,
    })
  }
}
