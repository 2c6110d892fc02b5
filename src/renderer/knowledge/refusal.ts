import type { FolderEntry, ImportOutcome } from '../../shared/knowledge'
import type { PreviewFile } from '../../shared/preview'
import { inShort } from '../ui/failure'

/** Why a file is not taken, in the page's language. */
export function refusalOf({ detail, said }: Pick<PreviewFile | FolderEntry | ImportOutcome, 'detail' | 'said'>): string {
  return inShort({ code: 'document.invalid', text: detail ?? '', detail: said })
}
