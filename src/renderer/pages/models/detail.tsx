/** One model from near: what its file says, whether it fits, what was measured, who uses it. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ModelSummary } from '../../../shared/workbench'
import { client, queryClient, trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { hrefTo, useGo } from '../../shell/routes'
import { offerUndo } from '../../shell/undo'
import { strings } from '../../strings'
import { day } from '../../ui/dates'
import { failureOf } from '../../ui/failure'
import { bytes, count, parameters } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { CalibrationPart } from './calibration'
import { Fit } from './fit'
import { VerdictBadge } from './known-list'
import { ProfilesPart } from './profiles'
import { VerdictPart } from './verdict'

const { facts: texts, actions, sets: setTexts } = strings.models

export function Detail({ model }: { readonly model: ModelSummary }) {
  return (
    <article className="model" aria-label={model.id}>
      <Head model={model} />
      <Facts model={model} />
      <Fit id={model.id} />
      <VerdictPart model={model} />
      <CalibrationPart id={model.id} />
      <ProfilesPart id={model.id} kvBytesPerToken={model.kvBytesPerToken} />
      <Sets model={model.id} />
    </article>
  )
}

const invalidate = (): Promise<void> => queryClient.invalidateQueries(trpc.models.pathFilter())

function Head({ model }: { readonly model: ModelSummary }) {
  const { id, isDefault, bundled, path } = model
  const go = useGo()
  const models = useQuery(trpc.models.list.queryOptions()).data ?? []
  const sets = (useQuery(trpc.sets.list.queryOptions()).data ?? []).filter((set) => set.model === id)
  const setDefault = useMutation({
    mutationFn: async () => {
      const before = models.find((each) => each.isDefault) ?? models.find((each) => each.bundled)
      await client.models.setDefault.mutate({ model: id })
      await invalidate()
      if (!before || before.id === id) return
      offerUndo(actions.defaulted(id), async () => {
        await client.models.setDefault.mutate({ model: before.id })
        await invalidate()
      })
    },
  })
  const remove = useMutation({
    mutationFn: async () => {
      const { setsInTrash } = await client.models.remove.mutate({ model: id })
      await invalidate()
      go('/models')
      offerUndo(setsInTrash.length > 0 ? actions.removedFor(id, namesOf(setsInTrash)) : actions.removed(id), async () => {
        await client.models.add.mutate({ path, name: id })
        if (isDefault) await client.models.setDefault.mutate({ model: id })
        await invalidate()
      })
    },
  })
  const why = bundled ? actions.bundled : sets.length > 0 ? actions.inUse(namesOf(sets.map(({ name }) => name))) : null
  useCommands([
    { id: 'models.setDefault', title: actions.setDefault, disabled: isDefault, run: () => setDefault.mutate() },
    { id: 'models.remove', title: actions.remove, disabled: why !== null, run: () => remove.mutate() },
  ])
  const error = setDefault.error ?? remove.error
  return (
    <>
      <div className="line wrap">
        <h2 className="clip" title={id}>
          <bdi>{id}</bdi>
        </h2>
        {isDefault && <span className="pill">{strings.models.isDefault}</span>}
        <VerdictBadge model={model} />
        {!isDefault && (
          <button type="button" className="button small" onClick={() => setDefault.mutate()}>
            {actions.setDefault}
          </button>
        )}
        <button
          type="button"
          className="button small"
          aria-label={actions.removeOf(id)}
          aria-disabled={why !== null || undefined}
          title={why ?? undefined}
          onClick={() => why === null && remove.mutate()}
        >
          {actions.remove}
        </button>
      </div>
      {why !== null && <p className="dim">{why}</p>}
      {error && <Notice failure={failureOf(error)} />}
    </>
  )
}

function namesOf(sets: readonly string[]): string {
  return strings.joins.list(sets.map((name) => strings.joins.quoted(name)))
}

function Facts({ model }: { readonly model: ModelSummary }) {
  const facts: [string, ReactNode][] = [
    [texts.architecture, model.architecture],
    [texts.quantization, model.quantization],
    [texts.parameters, parameters(model.parameters)],
    [texts.context, texts.contextTokens(count(model.contextLength))],
    [texts.layers, count(model.layers)],
    [texts.heads, texts.headsOf(model.heads, model.kvHeads, model.headDim)],
    [texts.kv, texts.kvOf(bytes(model.kvBytesPerToken))],
    [texts.file, bytes(model.fileBytes)],
    [texts.template, model.chatTemplate === null ? texts.noTemplate : texts.ownTemplate],
    [texts.added, day(model.addedAt)],
  ]
  return (
    <>
      <dl className="model-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="dim path">
        {strings.joins.of(texts.path, '')}
        <bdi>{model.path}</bdi>
      </p>
    </>
  )
}

function Sets({ model }: { readonly model: string }) {
  const { data } = useQuery(trpc.sets.list.queryOptions())
  const sets = data?.filter((set) => set.model === model)
  return (
    <section aria-label={setTexts.title}>
      <h3>{setTexts.title}</h3>
      {sets?.length === 0 && <p className="dim">{setTexts.none}</p>}
      <ul className="model-list plain">
        {sets?.map(({ id, name, documents }) => (
          <li key={id} className="line">
            <a href={hrefTo(`/ask/${id}`)} className="link clip">
              <bdi>{name}</bdi>
            </a>
            <span className="dim">{setTexts.documents(documents)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
