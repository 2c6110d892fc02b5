/** Selections that have a name: taken up again, kept, removed. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SavedSelection } from '../../shared/outline'
import { client, queryClient, trpc } from '../rpc/client'
import { useCommands } from '../shell/commands'
import { offerUndo } from '../shell/undo'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { Modal } from '../ui/modal'
import { Notice } from '../ui/notice'
import type { Taken } from './use-taken'

const texts = strings.selections

interface Props {
  readonly set: string
  readonly taken: Taken
}

export function SavedSelections({ set, taken }: Props) {
  const [shown, setShown] = useState(false)
  const { data: saved = [] } = useQuery(trpc.selections.list.queryOptions({ set }))
  const apply = useMutation({
    mutationFn: async ({ name, selection }: SavedSelection) => {
      const { selection: before, select } = taken
      // What has gone since is left out.
      const { exclude } = await client.sets.selected.query({ set, selection })
      select({ include: [], exclude: [...exclude] })
      offerUndo(texts.applied(name), async () => {
        select(before)
        await Promise.resolve()
      })
    },
    onSuccess: () => setShown(false),
  })
  useCommands([
    { id: 'selections.show', title: texts.title, run: () => setShown(true) },
    ...saved.map((one) => ({ id: `selections.apply.${one.name}`, title: texts.apply(one.name), run: () => apply.mutate(one) })),
  ])
  return (
    <>
      <button type="button" className="link" onClick={() => setShown(true)}>
        {saved.length > 0 ? texts.some(saved.length) : texts.open}
      </button>
      {shown && (
        <Modal title={texts.title} onClose={() => setShown(false)}>
          <p className="dim">{texts.hint}</p>
          {saved.length > 0 && (
            <ul className="plain-list">
              {saved.map((one) => (
                <li key={one.name} className="line">
                  <span className="clip" title={one.name}>
                    <bdi>{one.name}</bdi>
                  </span>
                  <span className="push" />
                  <button
                    type="button"
                    className="button small"
                    aria-label={texts.apply(one.name)}
                    disabled={apply.isPending}
                    onClick={() => apply.mutate(one)}
                  >
                    {texts.use}
                  </button>
                  <Remove set={set} name={one.name} />
                </li>
              ))}
            </ul>
          )}
          {apply.error && <Notice failure={failureOf(apply.error)} />}
          <Save set={set} taken={taken} onClose={() => setShown(false)} />
        </Modal>
      )}
    </>
  )
}

function Remove({ set, name }: { readonly set: string; readonly name: string }) {
  const remove = useMutation(
    trpc.selections.remove.mutationOptions({
      onSuccess: async ({ selection }) => {
        await listAnew(set)
        offerUndo(texts.removed(name), async () => {
          await client.selections.save.mutate({ set, name, selection })
          await listAnew(set)
        })
      },
    }),
  )
  return (
    <button
      type="button"
      className="button small"
      aria-label={texts.remove(name)}
      disabled={remove.isPending}
      onClick={() => remove.mutate({ set, name })}
    >
      {texts.removeShort}
    </button>
  )
}

function Save({ set, taken, onClose }: Props & { readonly onClose: () => void }) {
  const [name, setName] = useState('')
  const save = useMutation(
    trpc.selections.save.mutationOptions({
      onSuccess: async () => {
        await listAnew(set)
        onClose()
      },
    }),
  )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({ set, name, selection: taken.selection })
      }}
    >
      <label className="dim" htmlFor="selection-name">
        {texts.name}
      </label>
      <div className="line">
        <input
          id="selection-name"
          className="field"
          value={name}
          maxLength={200}
          placeholder={texts.example}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" className="button primary" disabled={!name.trim() || save.isPending}>
          {texts.save}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {texts.close}
        </button>
      </div>
      {save.error && <Notice failure={failureOf(save.error)} />}
    </form>
  )
}

async function listAnew(set: string): Promise<void> {
  await queryClient.invalidateQueries(trpc.selections.list.queryFilter({ set }))
}
