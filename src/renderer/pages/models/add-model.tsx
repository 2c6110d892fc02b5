/** A model by its path, or dropped: never uploaded. */
import { useEffect, useState, type RefObject } from 'react'
import { bridge } from '../../rpc/client'
import { strings } from '../../strings'
import { bytes } from '../../ui/format'
import { Notice } from '../../ui/notice'
import type { Adding } from './use-adding'

const texts = strings.models.add

interface Props {
  readonly adding: Adding
  readonly input: RefObject<HTMLInputElement | null>
}

export function AddModel({ adding, input }: Props) {
  const [path, setPath] = useState('')
  const over = useModelDrop((file) => {
    if (!/\.gguf$/i.test(file.name))
      return adding.fail({ code: 'model.damaged', title: texts.notModel, text: texts.notModelText(file.name), isTranslated: true })
    const place = bridge?.pathForFile(file) ?? ''
    if (place !== '') return adding.add(place)
    adding.fail({ code: 'argument.invalid', title: texts.notUploaded, text: texts.notUploadedText(file.name), isTranslated: true })
    setPath(file.name)
    input.current?.focus()
  })
  return (
    <section aria-label={texts.title}>
      <h3>{texts.title}</h3>
      <form
        className="line"
        onSubmit={(event) => {
          event.preventDefault()
          if (path.trim() !== '') adding.add(path.trim())
        }}
      >
        <input
          ref={input}
          className="field"
          aria-label={texts.path}
          placeholder={texts.placeholder}
          value={path}
          spellCheck={false}
          onChange={(event) => setPath(event.target.value)}
        />
        <button type="submit" className="button small" disabled={path.trim() === '' || adding.path !== null}>
          {texts.action}
        </button>
      </form>
      <p className="dim">{bridge ? texts.dropHint : texts.hint}</p>
      {adding.path !== null && <Reading adding={adding} path={adding.path} />}
      {adding.failure && <Notice failure={adding.failure} />}
      {over && <div className="drop">{bridge ? texts.drop : texts.dropBrowser}</div>}
    </section>
  )
}

function Reading({ adding, path }: { readonly adding: Adding; readonly path: string }) {
  const label = texts.reading(path.split(/[\\/]/).at(-1) ?? path)
  return (
    <div role="status">
      <div className="clip dim" title={path}>
        <bdi>{label}</bdi>
      </div>
      <div className="line">
        <div
          className="progress"
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={adding.total}
          aria-valuenow={adding.done}
        >
          <i style={{ width: `${adding.total > 0 ? (100 * adding.done) / adding.total : 0}%` }} />
        </div>
        {adding.total > 0 && <span className="dim">{texts.amount(bytes(adding.done), bytes(adding.total))}</span>}
        <button type="button" className="button small push" onClick={adding.stop}>
          {texts.cancel}
        </button>
      </div>
    </div>
  )
}

/** Before other parts of the page take a dropped file for a document. */
function useModelDrop(take: (file: File) => void): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const onDragOver = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      event.stopImmediatePropagation()
      setOver(true)
    }
    const onDragLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent): void => {
      setOver(false)
      const file = event.dataTransfer?.files[0]
      if (!hasFiles(event) || !file) return
      event.preventDefault()
      event.stopImmediatePropagation()
      take(file)
    }
    const options = { capture: true }
    window.addEventListener('dragover', onDragOver, options)
    window.addEventListener('dragleave', onDragLeave, options)
    window.addEventListener('drop', onDrop, options)
    return () => {
      window.removeEventListener('dragover', onDragOver, options)
      window.removeEventListener('dragleave', onDragLeave, options)
      window.removeEventListener('drop', onDrop, options)
    }
  })
  return over
}
