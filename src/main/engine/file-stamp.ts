import { stat } from 'node:fs/promises'
import { WorkbenchError } from '../../shared/errors'
import { systemFailure } from '../base/error-code'

/**
 * Size and time of change of a model file, as text: while it is the same, the contents are taken to be.
 * @throws `model.unreadable`
 */
export async function fileStamp(path: string): Promise<string> {
  try {
    const facts = await stat(path)
    return `${facts.size} ${facts.mtimeMs}`
  } catch (error) {
    throw new WorkbenchError(
      'model.unreadable',
      { id: 'model.missing', params: { path, ...systemFailure(error) } },
      {
        cause: error,
      },
    )
  }
}
