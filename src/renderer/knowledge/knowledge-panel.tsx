/** A set's documents: filtered, in order, with what of them is taken. Library and Ask show it. */
import { useDeferredValue, useMemo, useState } from 'react'
import { CACHE_STATES, type CacheState, type NodeId } from '../../shared/knowledge'
import { useCommands } from '../shell/commands'
import { phaseOf } from '../shell/job-words'
import { usePreference } from '../shell/preferences'
import { strings } from '../strings'
import { Empty } from '../ui/empty'
import { failureOf } from '../ui/failure'
import { count } from '../ui/format'
import { Notice } from '../ui/notice'
import { ImportButton } from './import-button'
import { ImportProblems } from './import-problems'
import { documentOf, useDetails, useOutline } from './outline'
import { filtered, folded, outlineRows, sorted, SORTS, type Sort } from './outline-rows'
import { checker, toggled, withDocuments } from './outline-selection'
import { OutlineTree } from './outline-tree'
import { SavedSelections } from './saved-selections'
import { useSetJob } from './use-set-job'
import { useTaken } from './use-taken'

const texts = strings.knowledge
const panelTexts = strings.library
/** A list so short shows its sections at once. */
const SHORT = 8

interface Props {
  /** Id. */
  readonly set: string
  readonly looked: NodeId | null
  readonly onLook: (id: NodeId) => void
}

export function KnowledgePanel({ set, looked, onLook }: Props) {
  const outline = useOutline(set)
  const job = useSetJob(set)
  if (outline.error && !outline.data)
    return <Notice failure={failureOf(outline.error)} action={{ label: strings.retry, run: () => void outline.refetch() }} />
  if (!outline.data) return <p className="dim">{texts.loading}</p>
  if (outline.data.rows.length > 0) return <Documents key={set} outline={outline.data} looked={looked} onLook={onLook} />
  return (
    <>
      {job ? (
        <Empty title={texts.importing} hint={phaseOf(job)} />
      ) : (
        <Empty title={texts.emptyTitle} hint={texts.emptyHint}>
          <ImportButton set={outline.data} />
        </Empty>
      )}
      <ImportProblems set={set} />
    </>
  )
}

interface DocumentsProps extends Omit<Props, 'set'> {
  readonly outline: NonNullable<ReturnType<typeof useOutline>['data']>
}

function Documents({ outline, looked, onLook }: DocumentsProps) {
  const { id: set, rows } = outline
  const [words, setWords] = useState('')
  const [state, setState] = useState<CacheState | null>(null)
  const [sort, setSort] = usePreference<Sort>('library.sort', 'order', isSort)
  const [opened, setOpened] = useState<ReadonlySet<NodeId> | null>(null)
  const taken = useTaken(set)
  // The box shows what is typed at once; thousands of rows may follow a moment later.
  const wanted = useDeferredValue(words)

  const titles = useMemo(() => folded(rows), [rows])
  const inOrder = useMemo(() => sorted(rows, sort), [rows, sort])
  const shown = useMemo(() => filtered(inOrder, { words: wanted, state, titles }), [inOrder, wanted, state, titles])
  const open = opened ?? new Set(rows.length <= SHORT ? rows.map(({ id }) => id) : [])
  const openDocuments = [...open].filter((id) => !id.includes('.'))
  const details = useDetails(openDocuments)
  const treeRows = outlineRows(shown, open, details)
  const checkOf = useMemo(() => checker(taken.selection, details), [taken.selection, details])
  const isFiltered = shown !== inOrder

  const setOpen = (id: NodeId, value: boolean): void => {
    const next = new Set(open)
    if (value) next.add(id)
    else next.delete(id)
    setOpened(next)
  }
  const onToggle = (id: NodeId): void => {
    const isAtHand = id === documentOf(id) || details.has(documentOf(id))
    if (taken.exclude && isAtHand) taken.select(toggled(taken.exclude, id, details))
  }
  const takeShown = (on: boolean): void => {
    if (taken.exclude) taken.select(withDocuments(taken.exclude, shown.map(({ id }) => id), on))
  }
  useCommands([
    { id: 'knowledge.all', title: panelTexts.takeAll, run: () => takeShown(true) },
    { id: 'knowledge.none', title: panelTexts.takeNone, run: () => takeShown(false) },
    ...SORTS.map((each) => ({ id: `knowledge.sort.${each}`, title: panelTexts.sortBy(panelTexts.sorts[each]), run: () => setSort(each) })),
  ])

  return (
    <>
      <div className="line wrap panel-sums">
        <span className="dim">
          {taken.sums && `${texts.documents(taken.sums.documents, rows.length)} · ${texts.summary(taken.sums.tokens, outline.tokens)}`}
        </span>
        <span className="line push">
          <button type="button" className="link" disabled={!taken.exclude} onClick={() => takeShown(true)}>
            {isFiltered ? panelTexts.allShown : texts.all}
          </button>
          <button type="button" className="link" disabled={!taken.exclude} onClick={() => takeShown(false)}>
            {isFiltered ? panelTexts.noneShown : texts.none}
          </button>
          <SavedSelections set={set} taken={taken} />
        </span>
      </div>
      <div className="line tree-tools">
        <input
          type="search"
          className="field"
          aria-label={panelTexts.filter}
          placeholder={panelTexts.filter}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <select
          className="pill picker"
          aria-label={panelTexts.state}
          value={state ?? ''}
          onChange={(event) => setState(CACHE_STATES.find((each) => each === event.currentTarget.value) ?? null)}
        >
          <option value="">{panelTexts.anyState}</option>
          {CACHE_STATES.map((each) => (
            <option key={each} value={each}>
              {strings.states[each]}
            </option>
          ))}
        </select>
        <select
          className="pill picker"
          aria-label={panelTexts.sort}
          value={sort}
          onChange={(event) => {
            const { value } = event.currentTarget
            if (isSort(value)) setSort(value)
          }}
        >
          {SORTS.map((each) => (
            <option key={each} value={each}>
              {panelTexts.sorts[each]}
            </option>
          ))}
        </select>
      </div>
      <div className="hidden-text" role="status">
        {isFiltered ? panelTexts.found(shown.length) : ''}
      </div>
      {shown.length > 0 ? (
        <OutlineTree rows={treeRows} checkOf={checkOf} looked={looked} onOpen={setOpen} onToggle={onToggle} onLook={onLook} />
      ) : (
        <p className="dim tree-nothing">{panelTexts.nothingFound}</p>
      )}
      <div className="dim tree-foot" data-testid="shown">
        {isFiltered ? panelTexts.shown(count(shown.length), count(rows.length)) : ''}
      </div>
      <ImportProblems set={set} />
    </>
  )
}

function isSort(value: unknown): value is Sort {
  return SORTS.some((sort) => sort === value)
}
