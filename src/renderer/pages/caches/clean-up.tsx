/** Making room: how much there is, what would go, the trash; and whether what is kept is sound. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { PROFILES } from '../../../shared/profile'
import { MOST_CLEAN_ROWS, type CleanInput, type CleanPreview, type CleanRow, type StoreStats } from '../../../shared/upkeep'
import { client, trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { offerUndo, toast } from '../../shell/undo'
import { strings } from '../../strings'
import { TableFrame } from '../../ui/chart-frame'
import { DataGrid, type GridColumn } from '../../ui/data-grid'
import { day } from '../../ui/dates'
import { failureOf, inShort } from '../../ui/failure'
import { bytes, count, duration } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { bringBack, checkAll, readStoreAgain, rebuildCaches } from './actions'
import { Place } from './cache-words'
import { Choice } from './filters'
import { Quota } from './quota'
import { TrashList } from './trash-list'

const texts = strings.cleaning
const { columns: titles } = texts
const GB = 1e9

interface Conditions {
  readonly set: string
  readonly profile: string
  readonly unused: string
  readonly gigabytes: string
  readonly unreferenced: boolean
  readonly duplicates: boolean
}

const NONE: Conditions = { set: '', profile: '', unused: '', gigabytes: '', unreferenced: false, duplicates: false }

/** Null: no condition is set. */
function filterOf({ set, profile, unused, gigabytes, unreferenced, duplicates }: Conditions): CleanInput | null {
  const [days, size] = [Number(unused), Number(gigabytes)]
  const hasDays = unused.trim() !== '' && days >= 0
  const hasSize = gigabytes.trim() !== '' && size > 0
  if (set === '' && profile === '' && !hasDays && !hasSize && !unreferenced && !duplicates) return null
  return {
    ...(set !== '' && { set }),
    profile: PROFILES.find((each) => each === profile),
    ...(hasDays && { unusedDays: days }),
    ...(hasSize && { bytes: size * GB }),
    unreferenced,
    duplicates,
  }
}

export function CleanUp() {
  const { data: stats } = useQuery(trpc.store.stats.queryOptions())
  return (
    <div className="cache-scrolls">
      {stats && <Quota stats={stats} />}
      <Choosing />
      <TrashList />
      {stats && <Health stats={stats} />}
    </div>
  )
}

function Choosing() {
  const [conditions, setConditions] = useState(NONE)
  const { data: sets } = useQuery(trpc.sets.list.queryOptions())
  const filter = filterOf(conditions)
  const { data, error } = useQuery(
    trpc.store.preview.queryOptions({ ...filter, rows: MOST_CLEAN_ROWS }, { enabled: filter !== null, placeholderData: keepPreviousData }),
  )
  const preview = filter === null ? undefined : data
  const hasNothing = !preview || preview.copies === 0
  const clean = async (): Promise<void> => {
    if (filter === null) return
    try {
      const { batch, copies, bytes: size } = await client.store.clean.mutate(filter)
      if (batch !== null) offerUndo(texts.cleaned(copies, bytes(size)), () => bringBack(batch))
      setConditions(NONE)
      await readStoreAgain()
    } catch (failure) {
      toast(inShort(failureOf(failure)))
    }
  }
  useCommands([{ id: 'caches.clean', title: texts.clean, disabled: hasNothing, run: () => void clean() }])
  return (
    <section className="chart" aria-label={texts.choose}>
      <h3>{texts.choose}</h3>
      <div className="line wrap cache-filters">
        <Choice
          label={texts.set}
          value={conditions.set}
          options={[['', texts.anySet], ...(sets ?? []).map(({ id, name }): [string, string] => [id, name])]}
          onChange={(set) => setConditions({ ...conditions, set })}
        />
        <Choice
          label={texts.profile}
          value={conditions.profile}
          options={[['', texts.anyProfile], ...PROFILES.map((each): [string, string] => [each, each])]}
          onChange={(profile) => setConditions({ ...conditions, profile })}
        />
        <Amount label={texts.unused} value={conditions.unused} step={1} onChange={(unused) => setConditions({ ...conditions, unused })} />
        <Amount label={texts.bytes} value={conditions.gigabytes} step="any" onChange={(gigabytes) => setConditions({ ...conditions, gigabytes })} />
        <Check label={texts.unreferenced} checked={conditions.unreferenced} onChange={(unreferenced) => setConditions({ ...conditions, unreferenced })} />
        <Check label={texts.duplicates} checked={conditions.duplicates} onChange={(duplicates) => setConditions({ ...conditions, duplicates })} />
      </div>
      {error && <Notice failure={failureOf(error)} />}
      <div className="line wrap">
        <span role="status">
          {filter === null ? (
            <span className="dim">{texts.needsCondition}</span>
          ) : (
            preview && (preview.copies === 0 ? texts.nothing : <Freed preview={preview} />)
          )}
        </span>
        <span className="push" />
        <button type="button" className="button primary" disabled={hasNothing} onClick={() => void clean()}>
          {texts.clean}
        </button>
      </div>
      {preview && preview.copies > 0 && <PreviewRows preview={preview} />}
    </section>
  )
}

function Freed({ preview: { copies, bytes: size, caches, recomputeMs } }: { readonly preview: CleanPreview }) {
  return (
    <>
      <b>{texts.frees(copies, bytes(size))}.</b> {texts.lost(caches, duration(recomputeMs))}
    </>
  )
}

const COLUMNS: readonly GridColumn<CleanRow>[] = [
  { id: 'document', title: titles.document, width: 'minmax(200px, 3fr)', cell: ({ place }) => <Place place={place} /> },
  { id: 'profile', title: titles.profile, width: '84px', cell: ({ profile }) => profile },
  { id: 'size', title: titles.size, width: '72px', numeric: true, cell: (row) => bytes(row.bytes) },
  { id: 'hits', title: titles.hits, width: '56px', numeric: true, cell: ({ hits }) => count(hits) },
  {
    id: 'use',
    title: titles.use,
    width: '104px',
    numeric: true,
    cell: ({ usedAt }) => (usedAt === null ? <span className="dim">{strings.cacheList.never}</span> : day(usedAt)),
  },
  { id: 'stays', title: titles.stays, width: 'minmax(110px, 1fr)', cell: ({ stays }) => (stays ? texts.stays : texts.goes) },
]

function PreviewRows({ preview: { rows, copies } }: { readonly preview: CleanPreview }) {
  const table = {
    columns: [titles.document, titles.profile, titles.size, titles.hits, titles.use, titles.stays],
    rows: rows.map(({ place, profile, bytes: size, hits, usedAt, stays }) => [
      place ? `${place.title} › ${place.section}` : strings.cacheList.nowhere,
      profile,
      size,
      hits,
      usedAt,
      stays ? texts.stays : texts.goes,
    ]),
  }
  const aside = rows.length < copies && <span className="dim">{texts.shown(rows.length, copies)}</span>
  return (
    <TableFrame title={texts.preview} name="clean-up" table={table} aside={aside}>
      <div className="cache-preview-rows">
        <DataGrid<CleanRow>
          label={texts.preview}
          columns={COLUMNS}
          count={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={({ key, profile }) => `${key} ${profile}`}
        />
      </div>
    </TableFrame>
  )
}

interface AmountProps {
  readonly label: string
  readonly value: string
  readonly step: number | 'any'
  readonly onChange: (value: string) => void
}

export function Amount({ label, value, step, onChange }: AmountProps) {
  return (
    <label className="cache-amount">
      {label}
      <input className="cache-field" type="number" min={0} step={step} value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  )
}

function Check({ label, checked, onChange }: { readonly label: string; readonly checked: boolean; readonly onChange: (checked: boolean) => void }) {
  return (
    <label className="cache-check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  )
}

function Health({ stats: { quarantined } }: { readonly stats: StoreStats }) {
  useCommands([{ id: 'caches.check', title: texts.checkAll, run: () => void checkAll() }])
  return (
    <section className="chart" aria-label={texts.check}>
      <h3>{texts.check}</h3>
      <div className="line wrap">
        <span className={quarantined > 0 ? 'wrong' : 'dim'}>{quarantined > 0 ? texts.damaged(quarantined) : texts.sound}</span>
        {quarantined > 0 && (
          <button type="button" className="button small" onClick={() => void rebuildCaches({ filter: { damaged: true } })}>
            {texts.mend}
          </button>
        )}
        <span className="push" />
        <span className="dim">{texts.checkHint}</span>
        <button type="button" className="button small" onClick={() => void checkAll()}>
          {texts.checkAll}
        </button>
      </div>
    </section>
  )
}
