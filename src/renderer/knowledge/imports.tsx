/** Files dropped anywhere on the page, and the dialog that shows what importing them would do. */
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { SetSummary } from '../../shared/knowledge'
import { bridge } from '../rpc/client'
import { useCommands } from '../shell/commands'
import { useCurrentSet } from '../shell/current-set'
import { strings } from '../strings'
import { Modal } from '../ui/modal'
import { useStore } from '../ui/store'
import { chosen, dropped } from './import-files'
import { importing, lookBeforeImport, openFolders, openTrash } from './import-request'

const ImportPreview = lazy(() => import('./import-preview'))
const SyncPanel = lazy(() => import('./sync-panel').then((module) => ({ default: module.SyncPanel })))
const TrashView = lazy(() => import('./trash-view').then((module) => ({ default: module.TrashView })))

export function Imports() {
  const { set } = useCurrentSet()
  const request = useStore(importing, (state) => state.request)
  const dialog = useStore(importing, (state) => state.dialog)
  const close = (): void => importing.set({ dialog: null })
  const chooser = useRef<HTMLInputElement>(null)
  const isBusy = set === null || request !== null
  const choose = (what: 'files' | 'folder'): void => {
    if (!chooser.current) return
    chooser.current.webkitdirectory = what === 'folder'
    chooser.current.click()
  }
  // The window offers these two itself, with the system's dialog.
  const uploading = [
    { id: 'import.files', title: strings.imports.chooseFiles, disabled: isBusy, run: () => choose('files') },
    { id: 'import.folder', title: strings.imports.chooseFolder, disabled: isBusy, run: () => choose('folder') },
  ]
  useCommands([
    ...(bridge ? [] : uploading),
    { id: 'import.folders', title: strings.sync.open, disabled: isBusy, run: openFolders },
    { id: 'trash.open', title: strings.trash.open, run: openTrash },
  ])
  return (
    <>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          if (set) lookBeforeImport(set, chosen(event.currentTarget.files))
          event.currentTarget.value = ''
        }}
      />
      {set && !request && <ImportDrop set={set} />}
      {dialog === 'folders' && set && (
        <Modal title={strings.sync.titleOf(set.name)} onClose={close} size="roomy">
          <Suspense>
            <SyncPanel key={set.id} set={set} />
          </Suspense>
          <CloseLine close={close} />
        </Modal>
      )}
      {dialog === 'trash' && (
        <Modal title={strings.trash.title} onClose={close} size="roomy">
          <Suspense>
            <TrashView />
          </Suspense>
          <CloseLine close={close} />
        </Modal>
      )}
      {request && (
        <Suspense>
          <ImportPreview request={request} onClose={() => importing.set({ request: null })} />
        </Suspense>
      )}
    </>
  )
}

function CloseLine({ close }: { readonly close: () => void }) {
  return (
    <div className="line">
      <button type="button" className="button push" onClick={close}>
        {strings.undo.close}
      </button>
    </div>
  )
}

function ImportDrop({ set }: { readonly set: SetSummary }) {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const onDragOver = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setOver(true)
    }
    const onDragLeave = (event: DragEvent): void => {
      // Only when the pointer leaves the window, not when it goes from one element to the next.
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent): void => {
      event.preventDefault()
      setOver(false)
      if (event.dataTransfer?.types.includes('Files'))
        void dropped(event.dataTransfer).then((given) => lookBeforeImport(set, given))
    }
    window.addEventListener('dragover', onDragOver)
    window.addEventListener('dragleave', onDragLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onDragOver)
      window.removeEventListener('dragleave', onDragLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [set])
  if (!over) return null
  return (
    <div className="drop">
      <div>
        {bridge ? strings.imports.drop(set.name) : strings.imports.dropUpload(set.name)}
        {!bridge && <div className="dim">{strings.imports.uploadNote}</div>}
      </div>
    </div>
  )
}
