/** The system's dialogs: files and folders to open, places to save to. */
import { app, BrowserWindow, dialog, type OpenDialogOptions } from 'electron'
import { extname, join } from 'node:path'
import { WorkbenchError } from '../../shared/errors'
import { MAX_SAVED_BYTES, type PickKind, type SaveRequest } from '../../shared/shell'
import { writeDurably } from '../base/durable-files'
import { errorText } from '../base/error-code'
import { fileName } from './file-name'
import type { ShellTexts } from './texts'

const DOCUMENTS = ['md', 'markdown', 'txt', 'pdf', 'docx', 'html', 'htm']

/** [] when the person cancels. */
export async function pickPaths(what: PickKind, texts: ShellTexts): Promise<string[]> {
  const { canceled, filePaths } = await openDialog(dialogFor(what, texts))
  return canceled ? [] : filePaths
}

function dialogFor(what: PickKind, texts: ShellTexts): OpenDialogOptions {
  switch (what) {
    case 'files':
      return {
        title: texts.pickFiles,
        properties: ['openFile', 'multiSelections'],
        filters: [{ name: texts.documents, extensions: DOCUMENTS }],
      }
    case 'folder':
      return { title: texts.pickFolder, properties: ['openDirectory'] }
    case 'models':
      return {
        title: texts.pickModels,
        properties: ['openFile', 'multiSelections'],
        filters: [{ name: texts.modelFiles, extensions: ['gguf'] }],
      }
    case 'bundle':
      return {
        title: texts.pickBundle,
        properties: ['openFile'],
        filters: [{ name: texts.bundles, extensions: ['kvb'] }],
      }
  }
}

function openDialog(options: OpenDialogOptions): ReturnType<typeof dialog.showOpenDialog> {
  const window = BrowserWindow.getAllWindows()[0]
  return window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options)
}

/**
 * Writes an export where the person chooses, whole or not at all. @returns its place, null when they cancel
 * @throws argument.invalid, file.unreadable
 */
export async function saveFile({ name, data }: SaveRequest, texts: ShellTexts): Promise<string | null> {
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length > MAX_SAVED_BYTES) {
    throw new WorkbenchError('argument.invalid', `Expected at most ${MAX_SAVED_BYTES} bytes but got ${bytes.length}.`)
  }
  const proposed = fileName(name)
  const extension = extname(proposed).slice(1)
  const options = {
    title: texts.save,
    defaultPath: join(app.getPath('downloads'), proposed),
    ...(extension ? { filters: [{ name: extension.toUpperCase(), extensions: [extension] }] } : {}),
  }
  const window = BrowserWindow.getAllWindows()[0]
  const { canceled, filePath } = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options))
  if (canceled || !filePath) return null
  try {
    await writeDurably(filePath, bytes)
  } catch (error) {
    throw new WorkbenchError('file.unreadable', `${filePath} cannot be written: ${errorText(error)}. Choose another place.`, {
      cause: error,
    })
  }
  return filePath
}
