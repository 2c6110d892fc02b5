import { mkdirSync, statSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import envPaths from 'env-paths'
import { WorkbenchError } from '../../shared/errors'
import { errorCode, errorText } from './error-code'

/** Where a workbench keeps everything: the folder given, else `KVASIR_DATA_DIR`, else the platform's place for data. */
export function dataDirPath(given?: string): string {
  return resolve(given || process.env['KVASIR_DATA_DIR'] || envPaths('kvasir', { suffix: '' }).data)
}

/** Makes the folder, readable by its owner only. */
export async function makeDataDir(path: string): Promise<void> {
  try {
    await makeFolder(path)
  } catch (error) {
    throw new WorkbenchError(
      'file.unreadable',
      `The data folder ${path} cannot be made: ${errorText(error)}. Give another one with --data-dir or KVASIR_DATA_DIR.`,
      { cause: error },
    )
  }
}

/** Node's own `recursive` never returns where a file system refuses a folder with ENOENT, as /proc does. */
async function makeFolder(path: string, mayAscend = true): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (errorCode(error) !== 'ENOENT' || !mayAscend || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await makeFolder(path, false)
  }
}

/** The same at once, for when the program is about to end. */
export function makeFolderSync(path: string, mayAscend = true): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && statSync(path).isDirectory()) return
    if (errorCode(error) !== 'ENOENT' || !mayAscend || dirname(path) === path) throw error
    makeFolderSync(dirname(path))
    makeFolderSync(path, false)
  }
}
