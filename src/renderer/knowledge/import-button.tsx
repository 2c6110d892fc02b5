/** Import by choosing: the system's dialog in the window, the browser's file chooser elsewhere. */
import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'
import { bridge, client } from '../rpc/client'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { Notice } from '../ui/notice'
import { useImport } from './use-import'

const texts = strings.knowledge

export function ImportButton({ set }: { readonly set: string }) {
  return bridge ? <WindowImport set={set} /> : <BrowserImport set={set} />
}

function WindowImport({ set }: { readonly set: string }) {
  const pick = useMutation({
    mutationFn: async (what: 'files' | 'folder') => {
      const paths = await client.shell.pickPaths.mutate({ what })
      if (paths.length > 0) await client.documents.add.mutate({ set, paths })
    },
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

function BrowserImport({ set }: { readonly set: string }) {
  const chooser = useRef<HTMLInputElement>(null)
  const { mutate } = useImport(set)
  return (
    <>
      <button
        type="button"
        className="button small"
        title={strings.imports.uploadNote}
        onClick={() => chooser.current?.click()}
      >
        {texts.import}…
      </button>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        data-testid="chooser"
        onChange={(event) => {
          mutate([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
