/** Which knowledge set the page shows; new ones are made here. */
import { NativeSelect, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SetSummary } from '../../shared/knowledge'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { Modal } from '../ui/modal'
import { Notice } from '../ui/notice'
import { useCommands } from './commands'

const texts = strings.newSet

interface Props {
  readonly sets: readonly SetSummary[]
  readonly current: SetSummary | null
  readonly onPick: (id: string) => void
  readonly onSample: () => void
}

export function SetPicker({ sets, current, onPick, onSample }: Props) {
  const [making, setMaking] = useState(false)
  useCommands([{ id: 'set.new', title: strings.header.newSet, run: () => setMaking(true) }])
  const done = (act: () => void): void => {
    setMaking(false)
    act()
  }
  return (
    <>
      {current && (
        <select
          className="pill picker"
          aria-label={strings.header.set}
          value={current.id}
          onChange={(event) => onPick(event.currentTarget.value)}
        >
          {sets.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      <button type="button" className="link" onClick={() => setMaking(true)}>
        {strings.header.newSet}
      </button>
      {making && (
        <Modal title={texts.title} onClose={() => setMaking(false)}>
          <NewSet
            onMade={(id) => done(() => onPick(id))}
            onSample={() => done(onSample)}
            onCancel={() => setMaking(false)}
          />
        </Modal>
      )}
    </>
  )
}

interface NewSetProps {
  readonly onMade: (id: string) => void
  readonly onSample: () => void
  readonly onCancel: () => void
}

function NewSet({ onMade, onSample, onCancel }: NewSetProps) {
  const models = useQuery(trpc.models.list.queryOptions())
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const model = chosen ?? models.data?.find(({ isDefault }) => isDefault)?.id
  const create = useMutation(trpc.sets.create.mutationOptions({ onSuccess: (set) => onMade(set.id) }))
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        create.mutate({ name, model })
      }}
    >
      <TextInput
        mt="sm"
        label={texts.name}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoFocus
        required
        maxLength={200}
      />
      <NativeSelect
        mt="sm"
        label={texts.model}
        description={texts.modelHint}
        value={model}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={(models.data ?? []).map(({ id, quantization }) => ({ value: id, label: `${id} · ${quantization}` }))}
      />
      {create.error && <Notice failure={failureOf(create.error)} />}
      <div className="line" style={{ marginTop: 16 }}>
        <button type="submit" className="button primary" disabled={!name.trim() || create.isPending}>
          {texts.create}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {texts.cancel}
        </button>
        <button type="button" className="link push" onClick={onSample}>
          {strings.header.sample}
        </button>
      </div>
    </form>
  )
}
