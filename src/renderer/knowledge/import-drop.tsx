/** Files dropped anywhere on the page are imported into the set that it shows. */
import { useEffect, useState } from 'react'
import type { SetSummary } from '../../shared/knowledge'
import { bridge } from '../rpc/client'
import { strings } from '../strings'
import { droppedFiles } from './import-files'
import { useImport } from './use-import'

export function ImportDrop({ set }: { readonly set: SetSummary }) {
  const [over, setOver] = useState(false)
  const { mutate } = useImport(set.id)
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
        void droppedFiles(event.dataTransfer).then((files) => mutate(files))
    }
    window.addEventListener('dragover', onDragOver)
    window.addEventListener('dragleave', onDragLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onDragOver)
      window.removeEventListener('dragleave', onDragLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [mutate])
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
