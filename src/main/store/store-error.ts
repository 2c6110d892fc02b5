import { WorkbenchError } from '../../shared/errors'
import { errorCode, systemFailure } from '../base/error-code'

/** A failure of the disk or the index, named by what its owner can do about it. Errors of ours pass unchanged. */
export function storeError(error: unknown, path: string): unknown {
  if (error instanceof WorkbenchError) return error
  const code = errorCode(error)
  const params = { path, ...systemFailure(error) }
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code) || code === 'SQLITE_FULL') {
    return new WorkbenchError(
      'store.full',
      { id: 'store.full', params },
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return new WorkbenchError(
      'store.damaged',
      { id: 'store.damaged', params },
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new WorkbenchError(
      'conflict',
      { id: 'store.locked', params },
      { cause: error },
    )
  }
  if (
    ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST'].includes(code) ||
    /^SQLITE_(READONLY|CANTOPEN|PERM)/.test(code)
  ) {
    return new WorkbenchError(
      'file.unreadable',
      { id: 'store.unreadable', params },
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') {
    return new WorkbenchError('store.damaged', { id: 'store.disk', params }, {
      cause: error,
    })
  }
  return error
}
