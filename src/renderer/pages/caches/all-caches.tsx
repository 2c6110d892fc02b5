/** The list of all caches: conditions, order, choosing, and what is done with those chosen. */
import { Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { CODED_PROFILES } from '../../../shared/profile'
import { CACHE_SORTS, type CacheRow, type ChosenCachesInput } from '../../../shared/upkeep'
import { trpc } from '../../rpc/client'
import { useCommands, type Command } from '../../shell/commands'
import { useGo } from '../../shell/routes'
import { toast } from '../../shell/undo'
import { strings } from '../../strings'
import { DataGrid, type GridChoice, type GridColumn } from '../../ui/data-grid'
import { day } from '../../ui/dates'
import { Empty } from '../../ui/empty'
import { failureOf, inShort } from '../../ui/failure'
import { bytes, count, duration } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { evictCaches, pinCaches, rebuildCaches, recodeCaches, verifyCaches } from './actions'
import { Place, States } from './cache-words'
import { ANY, filterInput, isAny, useListFilter, useListSort } from './filter'
import { Filters } from './filters'
import { keysBetween, useCachePages } from './use-cache-pages'

const texts = strings.cacheList
const { columns: titles } = texts
const NONE: ReadonlySet<string> = new Set()

/** `all`: whatever matches, however many. */
type Chosen = { readonly kind: 'some'; readonly keys: ReadonlySet<string> } | { readonly kind: 'all' }

const COLUMNS: readonly GridColumn<CacheRow>[] = [
  { id: 'document', title: titles.document, width: 'minmax(140px, 3fr)', sortable: true, cell: (row) => <Place place={row.place} places={row.places} /> },
  { id: 'variant', title: titles.variant, width: 'minmax(72px, 1fr)', term: 'variant', cell: ({ kind }) => <span title={strings.variants[kind]}>{strings.variantNames[kind]}</span> },
  { id: 'profiles', title: titles.profiles, width: '72px', term: 'profile', cell: ({ profiles }) => strings.joins.list(profiles) || '–' },
  { id: 'tokens', title: titles.tokens, width: '60px', numeric: true, sortable: true, cell: ({ tokens }) => count(tokens) },
  { id: 'size', title: titles.size, width: '60px', numeric: true, sortable: true, cell: (row) => bytes(row.bytes) },
  { id: 'compute', title: titles.compute, width: '88px', numeric: true, sortable: true, cell: ({ computeMs }) => duration(computeMs) },
  { id: 'hits', title: titles.hits, width: '56px', numeric: true, sortable: true, cell: ({ hits }) => count(hits) },
  { id: 'use', title: titles.use, width: '100px', numeric: true, sortable: true, cell: ({ usedAt }) => (usedAt === null ? <span className="dim">{texts.never}</span> : day(usedAt)) },
  { id: 'state', title: titles.state, width: 'minmax(84px, 1fr)', cell: (row) => <States row={row} /> },
]

export function AllCaches() {
  const go = useGo()
  const [filter, setFilter] = useListFilter()
  const [sort, setSort] = useListSort()
  const [chosen, setChosen] = useState<Chosen>({ kind: 'some', keys: NONE })
  const search = useRef<HTMLInputElement>(null)
  const { data: status } = useQuery(trpc.status.queryOptions())
  const input = filterInput(filter)
  const wanted = { ...input, sort: sort.by, descending: sort.descending }
  const pages = useCachePages(wanted)
  const total = pages.total ?? 0
  const number = chosen.kind === 'all' ? total : chosen.keys.size
  const asChosen = (): ChosenCachesInput => (chosen.kind === 'all' ? { filter: input } : { keys: [...chosen.keys] })

  const change = (next: typeof filter): void => {
    setFilter(next)
    setChosen({ kind: 'some', keys: NONE })
  }
  const choose = async (choice: GridChoice): Promise<void> => {
    const before = chosen.kind === 'some' ? chosen.keys : NONE
    if (choice.kind === 'all') return setChosen({ kind: 'all' })
    if (choice.kind === 'none') return setChosen({ kind: 'some', keys: NONE })
    if (choice.kind === 'range') {
      const keys = await keysBetween(wanted, choice.from, choice.to)
      return setChosen({ kind: 'some', keys: new Set(choice.add ? [...before, ...keys] : keys) })
    }
    const row = pages.rowAt(choice.index)
    if (!row) return
    if (choice.kind === 'one') return setChosen({ kind: 'some', keys: new Set([row.key]) })
    const keys = new Set(before)
    if (!keys.delete(row.key)) keys.add(row.key)
    setChosen({ kind: 'some', keys })
  }
  const evict = async (): Promise<void> => {
    await evictCaches(asChosen())
    setChosen({ kind: 'some', keys: NONE })
  }
  const [one, two] = chosen.kind === 'some' ? chosen.keys : []
  const hasNone = number === 0
  const actions: Command[] = [
    { id: 'caches.verify', title: texts.commands.verify, disabled: hasNone, run: () => void verifyCaches(asChosen()) },
    { id: 'caches.pin', title: texts.commands.pin, disabled: hasNone, run: () => void pinCaches(asChosen(), true) },
    { id: 'caches.unpin', title: texts.commands.unpin, disabled: hasNone, run: () => void pinCaches(asChosen(), false) },
    { id: 'caches.rebuild', title: texts.commands.rebuild, disabled: hasNone, run: () => void rebuildCaches(asChosen()) },
    { id: 'caches.evict', title: texts.commands.evict, disabled: hasNone, keys: 'mod+Delete', run: () => void evict() },
  ]
  useCommands([
    ...actions,
    { id: 'caches.all', title: texts.commands.all, disabled: total === 0, run: () => setChosen({ kind: 'all' }) },
    { id: 'caches.filter', title: texts.commands.filter, keys: 'mod+F', run: () => search.current?.focus() },
    ...CODED_PROFILES.map((profile) => ({
      id: `caches.recode.${profile}`,
      title: texts.recodeAs(profile),
      disabled: hasNone,
      run: () => void recodeCaches(asChosen(), profile),
    })),
  ])

  if (status?.store.entries === 0 && status.store.quarantined === 0 && isAny(filter))
    return <Empty title={texts.empty} hint={texts.emptyHint} action={{ label: texts.emptyAction, run: () => go('/ask') }} />
  return (
    <>
      <Filters filter={filter} onChange={change} search={search} />
      <div className="line wrap cache-chosen-bar" role="toolbar" aria-label={texts.chosen(number)}>
        <span aria-live="polite">{hasNone ? texts.total(total, bytes(pages.bytes)) : texts.chosen(number)}</span>
        {hasNone ? (
          total > 0 && <button type="button" className="link" onClick={() => setChosen({ kind: 'all' })}>
            {texts.chooseAll(total)}
          </button>
        ) : (
          <button type="button" className="link" onClick={() => setChosen({ kind: 'some', keys: NONE })}>
            {texts.chooseNone}
          </button>
        )}
        <span className="push" />
        <button type="button" className="button small" disabled={number !== 1 || !one} onClick={() => go(`/cache/${one}`)}>
          {texts.open}
        </button>
        <button type="button" className="button small" disabled={number !== 2 || !two} onClick={() => go(`/cache/${one}/${two}`)}>
          {texts.compare}
        </button>
        {actions.map(({ id, title, disabled, run }) => (
          <button key={id} type="button" className="button small" disabled={disabled} title={title} onClick={run}>
            {texts[id.slice('caches.'.length) as 'verify' | 'pin' | 'unpin' | 'rebuild' | 'evict']}
          </button>
        ))}
        <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <button type="button" className="button small" disabled={hasNone}>
              {texts.recode}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {CODED_PROFILES.map((profile) => (
              <Menu.Item key={profile} onClick={() => void recodeCaches(asChosen(), profile)}>
                {texts.recodeAs(profile)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      {pages.error !== null && <Notice failure={failureOf(pages.error)} action={{ label: texts.clear, run: () => change(ANY) }} />}
      {pages.total === 0 ? (
        <Empty title={texts.nothing} hint={texts.nothingHint} action={{ label: texts.clear, run: () => change(ANY) }} />
      ) : (
        <DataGrid<CacheRow>
          // Another list begins at its first row.
          key={JSON.stringify(wanted)}
          label={texts.label}
          columns={COLUMNS}
          count={total}
          rowAt={pages.rowAt}
          keyOf={({ key }) => key}
          sort={sort}
          onSort={({ by, descending }) => setSort({ by: CACHE_SORTS.find((each) => each === by) ?? 'use', descending })}
          isChosen={({ key }) => chosen.kind === 'all' || chosen.keys.has(key)}
          onChoose={(choice) => void choose(choice).catch((error: unknown) => toast(inShort(failureOf(error))))}
          onOpen={({ key }) => go(`/cache/${key}`)}
          onShow={pages.onShow}
        />
      )}
    </>
  )
}
