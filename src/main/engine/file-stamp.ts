import { stat } from 'node:fs/promises'
import { WorkbenchError } from '../../shared/errors'
import { errorText } from '../base/error-code'

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
      `Expected a model file at ${path}, but the system says: ${errorText(error)}.`,
      {
        cause: error,
      },
    )
  }
}
