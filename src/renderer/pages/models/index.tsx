/** Models: those that are known, those that other programs have here, and all that was measured of the one that is shown. */
import './models.css'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import type { PageProps } from '../../shell/pages'
import { useGo } from '../../shell/routes'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { Workspace } from '../../ui/workspace'
import { AddModel } from './add-model'
import { Detail } from './detail'
import { FoundList, useDiscovery } from './found-list'
import { KnownList } from './known-list'
import { useAdding } from './use-adding'

const texts = strings.models

export default function ModelsPage({ rest: [wanted] }: PageProps) {
  const go = useGo()
  const path = useRef<HTMLInputElement>(null)
  const { data: models, error } = useQuery(trpc.models.list.queryOptions())
  const discovery = useDiscovery()
  const adding = useAdding((model) => go(`/models/${encodeURIComponent(model.id)}`))
  const shown =
    wanted === undefined
      ? (models?.find(({ isDefault }) => isDefault) ?? models?.find(({ bundled }) => bundled) ?? models?.[0])
      : models?.find(({ id }) => id === wanted)
  useCommands([
    { id: 'models.find', title: texts.actions.find, run: () => void discovery.refetch() },
    { id: 'models.add', title: texts.actions.addByPath, run: () => path.current?.focus() },
  ])
  const list = (
    <>
      <h2>{texts.list}</h2>
      {error && <Notice failure={failureOf(error)} />}
      {models && <KnownList models={models} shown={shown?.id ?? null} />}
      <AddModel adding={adding} input={path} />
      <FoundList discovery={discovery} adding={adding} />
    </>
  )
  return (
    <Workspace list={list} listLabel={texts.list}>
      {shown && <Detail key={shown.id} model={shown} />}
      {models && !shown && wanted !== undefined && <p className="dim">{texts.gone(wanted)}</p>}
      {models?.length === 0 && wanted === undefined && (
        <Empty
          title={texts.emptyTitle}
          hint={texts.emptyHint}
          action={{ label: texts.actions.find, busy: discovery.isFetching, run: () => void discovery.refetch() }}
        />
      )}
    </Workspace>
  )
}
