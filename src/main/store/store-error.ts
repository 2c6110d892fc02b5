import { WorkbenchError } from '../../shared/errors'
import { errorCode, errorText } from '../base/error-code'

/** A failure of the disk or the index, named by what its owner can do about it. Errors of ours pass unchanged. */
export function storeError(error: unknown, path: string): unknown {
  if (error instanceof WorkbenchError) return error
  const code = errorCode(error)
  const detail = `${errorText(error)} (${code})`
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code) || code === 'SQLITE_FULL') {
    return new WorkbenchError(
      'store.full',
      `The disk of ${path} is full: ${detail}. What was stored is whole; free some space and go on.`,
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return new WorkbenchError(
      'store.damaged',
      `The index ${path} is damaged: ${detail}. ` +
        'Move it away to start anew (the caches it lists are computed again), or restore a copy of it.',
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new WorkbenchError(
      'conflict',
      `Another program holds the index ${path} locked: ${detail}. Wait for it or close it.`,
      { cause: error },
    )
  }
  if (
    ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST'].includes(code) ||
    /^SQLITE_(READONLY|CANTOPEN|PERM)/.test(code)
  ) {
    return new WorkbenchError(
      'file.unreadable',
      `The store at ${path} cannot be read and written: ${detail}. ` +
        'Check that the folder exists and belongs to you, or give another --data-dir.',
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') {
    return new WorkbenchError('store.damaged', `The disk under ${path} failed: ${detail}. Check the disk.`, {
      cause: error,
    })
  }
  return error
}
