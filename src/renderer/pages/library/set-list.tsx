/** All sets; one is shown. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { SetSummary } from '../../../shared/knowledge'
import { openFolders, openTrash } from '../../knowledge/import-request'
import { StateLegend } from '../../knowledge/knowledge-foot'
import { client, queryClient, trpc } from '../../rpc/client'
import { allCommands, useCommands } from '../../shell/commands'
import { offerUndo } from '../../shell/undo'
import { strings } from '../../strings'
import { day } from '../../ui/dates'
import { failureOf } from '../../ui/failure'
import { Modal } from '../../ui/modal'
import { Notice } from '../../ui/notice'

const texts = strings.library

interface Props {
  readonly sets: readonly SetSummary[]
  readonly current: SetSummary | null
  readonly onPick: (id: string) => void
}

export function SetList({ sets, current, onPick }: Props) {
  const [renaming, setRenaming] = useState(false)
  const remove = useMutation({
    mutationFn: async ({ id, name }: SetSummary) => {
      await client.sets.remove.mutate({ set: id })
      await setsAnew()
      offerUndo(texts.setRemoved(name), async () => {
        await client.sets.restore.mutate({ id })
        await setsAnew()
        onPick(id)
      })
    },
  })
  useCommands(
    current
      ? [
          { id: 'library.rename', title: texts.renameSet, run: () => setRenaming(true) },
          { id: 'library.remove', title: texts.removeSet, run: () => remove.mutate(current) },
        ]
      : [],
  )
  return (
    <>
      <div className="line">
        <h2>{texts.sets}</h2>
        <span className="push" />
        <button type="button" className="link" onClick={makeSet}>
          {strings.header.newSet}
        </button>
      </div>
      <ul className="plain-list set-list">
        {sets.map((set) => (
          <li key={set.id}>
            <button
              type="button"
              className="set-item"
              aria-current={set.id === current?.id}
              onClick={() => onPick(set.id)}
              title={set.name}
            >
              <span className="clip">
                <bdi>{set.name}</bdi>
              </span>
              <span className="dim">{texts.setDocuments(set.documents)}</span>
              <span className="dim clip">{set.model}</span>
              <span className="dim">{day(set.createdAt)}</span>
            </button>
          </li>
        ))}
      </ul>
      {current && (
        <div className="line wrap">
          <button type="button" className="button small" onClick={() => setRenaming(true)}>
            {texts.rename}
          </button>
          <button type="button" className="button small" disabled={remove.isPending} onClick={() => remove.mutate(current)}>
            {texts.remove}
          </button>
          <button type="button" className="link" onClick={openFolders}>
            {strings.sync.title}…
          </button>
          <button type="button" className="link" onClick={openTrash}>
            {strings.trash.open}
          </button>
        </div>
      )}
      <div className="knowledge-foot">
        <StateLegend />
      </div>
      {remove.error && <Notice failure={failureOf(remove.error)} />}
      {renaming && current && <Rename set={current} onClose={() => setRenaming(false)} />}
    </>
  )
}

function Rename({ set, onClose }: { readonly set: SetSummary; readonly onClose: () => void }) {
  const [name, setName] = useState(set.name)
  const rename = useMutation(
    trpc.sets.rename.mutationOptions({
      onSuccess: async () => {
        await setsAnew()
        offerUndo(texts.renamed(name.trim()), async () => {
          await client.sets.rename.mutate({ set: set.id, name: set.name })
          await setsAnew()
        })
        onClose()
      },
    }),
  )
  return (
    <Modal title={texts.renameSet} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          rename.mutate({ set: set.id, name })
        }}
      >
        <div className="line">
          <input
            className="field"
            aria-label={strings.newSet.name}
            value={name}
            maxLength={200}
            dir="auto"
            autoFocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <button type="submit" className="button primary" disabled={!name.trim() || rename.isPending}>
            {texts.rename}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {strings.newSet.cancel}
          </button>
        </div>
        {rename.error && <Notice failure={failureOf(rename.error)} />}
      </form>
    </Modal>
  )
}

/** The header makes sets, wherever one is wanted. */
function makeSet(): void {
  allCommands()
    .find(({ id }) => id === 'set.new')
    ?.run()
}

async function setsAnew(): Promise<void> {
  await queryClient.invalidateQueries(trpc.sets.pathFilter())
}
