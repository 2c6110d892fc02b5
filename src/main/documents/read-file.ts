import { open } from 'node:fs/promises'
import { WorkbenchError } from '../../shared/errors'
import { systemFailure } from '../base/error-code'
import { checkSize } from './decode'

const PIECE_BYTES = 1024 * 1024

/**
 * A document's bytes. The limit holds for what is read, not only for what the file system says.
 * @throws file.unreadable, document.invalid when too large
 */
export async function readDocument(path: string, source: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r')
    const facts = await file.stat()
    if (!facts.isFile()) throw new WorkbenchError('file.unreadable', { id: 'file.not-a-file', params: { name: source } })
    checkSize(facts.size, source)
    const pieces: Uint8Array[] = []
    let size = 0
    for (;;) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(PIECE_BYTES) })
      if (bytesRead === 0) break
      size += bytesRead
      checkSize(size, source)
      pieces.push(buffer.subarray(0, bytesRead))
    }
    return Buffer.concat(pieces, size)
  } catch (error) {
    if (error instanceof WorkbenchError) throw error
    throw new WorkbenchError(
      'file.unreadable',
      { id: 'file.unreadable', params: { path: source, ...systemFailure(error) } },
      { cause: error },
    )
  }
}
