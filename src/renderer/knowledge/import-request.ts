/** What is about to be imported, and looked at before that: there is one such dialog at a time. */
import { createStore } from '../ui/store'
import { isNothing, type Given } from './import-files'

export interface ImportRequest {
  readonly set: { readonly id: string; readonly name: string }
  readonly given: Given
}

export const importing = createStore<{
  readonly request: ImportRequest | null
  /** Which other dialog is open. */
  readonly dialog: 'folders' | 'trash' | null
}>({ request: null, dialog: null })

export function openFolders(): void {
  importing.set({ dialog: 'folders' })
}

export function openTrash(): void {
  importing.set({ dialog: 'trash' })
}

/** Opens the dialog that shows what an import would do. */
export function lookBeforeImport(set: ImportRequest['set'], given: Given): void {
  if (!isNothing(given)) importing.set({ request: { set: { id: set.id, name: set.name }, given } })
}
