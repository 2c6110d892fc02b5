/** Import by choosing: the system's dialog in the window, the browser's file chooser elsewhere. */
import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'
import { bridge, client } from '../rpc/client'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { Notice } from '../ui/notice'
import { chosen } from './import-files'
import { lookBeforeImport, type ImportRequest } from './import-request'

const texts = strings.knowledge

export function ImportButton({ set }: { readonly set: ImportRequest['set'] }) {
  return bridge ? <WindowImport set={set} /> : <BrowserImport set={set} />
}

function WindowImport({ set }: { readonly set: ImportRequest['set'] }) {
  const pick = useMutation({
    mutationFn: async (what: 'files' | 'folder') => lookBeforeImport(set, { paths: await client.shell.pickPaths.mutate({ what }) }),
  })
  return (
    <>
      <span className="line">
        <button type="button" className="button small" onClick={() => pick.mutate('files')}>
          {texts.importFiles}
        </button>
        <button type="button" className="button small" onClick={() => pick.mutate('folder')}>
          {texts.importFolder}
        </button>
      </span>
      {pick.error && <Notice failure={failureOf(pick.error)} />}
    </>
  )
}

function BrowserImport({ set }: { readonly set: ImportRequest['set'] }) {
  return (
    <span className="line">
      <Chooser set={set} label={texts.importFiles} place="chooser" />
      <Chooser set={set} label={texts.importFolder} place="folder-chooser" isFolder />
    </span>
  )
}

interface ChooserProps {
  readonly set: ImportRequest['set']
  readonly label: string
  readonly place: string
  readonly isFolder?: boolean
}

function Chooser({ set, label, place, isFolder = false }: ChooserProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" className="button small" title={strings.imports.uploadNote} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid={place}
        {...(isFolder && { webkitdirectory: '' })}
        onChange={(event) => {
          lookBeforeImport(set, chosen(event.currentTarget.files))
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
