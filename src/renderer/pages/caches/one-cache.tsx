/** One cache, or two side by side: what it is, and what it looks like. */
import { useQuery } from '@tanstack/react-query'
import { ArrowLeft } from 'lucide-react'
import type { CacheDetail, CachePlace, CachePlaneName } from '../../../shared/upkeep'
import { trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { hrefTo, useGo } from '../../shell/routes'
import { usePreference } from '../../shell/preferences'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { Workspace } from '../../ui/workspace'
import { evictCaches, pinCaches, rebuildCaches, verifyCaches } from './actions'
import { Comparison } from './comparison'
import { Drawing } from './drawing'
import { Facts } from './facts'
import { MeasureBar } from './measure-bar'
import { States } from './cache-words'
import { useDrawing } from './use-drawing'

const texts = strings.cacheFacts
const list = strings.cacheList

interface Props {
  readonly cacheKey: string
  readonly other: string | null
}

export function OneCache({ cacheKey, other }: Props) {
  const go = useGo()
  const first = useQuery(trpc.store.cache.queryOptions({ key: cacheKey }))
  const second = useQuery(trpc.store.cache.queryOptions({ key: other ?? '' }, { enabled: other !== null }))
  const [plane, setPlane] = usePreference<CachePlaneName>('caches.plane', 'valueDeviations')
  const [question, setQuestion] = usePreference<string>('caches.question', '')
  const chosen = { keys: [cacheKey] }
  const evict = async (): Promise<void> => {
    await evictCaches(chosen)
    go('/caches')
  }
  const isPinned = first.data?.pinned === true
  useCommands([
    { id: 'caches.verify', title: list.commands.verify, run: () => void verifyCaches(chosen) },
    { id: 'caches.pin', title: list.commands.pin, disabled: isPinned, run: () => void pinCaches(chosen, true) },
    { id: 'caches.unpin', title: list.commands.unpin, disabled: !isPinned, run: () => void pinCaches(chosen, false) },
    { id: 'caches.rebuild', title: list.commands.rebuild, run: () => void rebuildCaches(chosen) },
    { id: 'caches.evict', title: list.commands.evict, keys: 'mod+Delete', run: () => void evict() },
  ])
  const error = first.error ?? (other === null ? null : second.error)
  return (
    <Workspace inspector={first.data && <Facts cache={first.data} />} inspectorLabel={texts.facts}>
      <div className="caches-page">
        <nav className="line cache-back" aria-label={strings.cachePage.parts}>
          <a className="link" href={hrefTo('/caches')}>
            <ArrowLeft size={12} aria-hidden="true" /> {texts.back}
          </a>
          {first.data?.place && <Where place={first.data.place} />}
        </nav>
        {error !== null && <Notice failure={failureOf(error)} action={{ label: texts.back, run: () => go('/caches') }} />}
        {first.data && (
          <>
            <div className="line wrap">
              <Title cache={first.data} />
              <span className="push" />
              {other !== null ? (
                <button type="button" className="button small" onClick={() => go(`/cache/${cacheKey}`)}>
                  {texts.endComparison}
                </button>
              ) : (
                <>
                  <button type="button" className="button small" onClick={() => void verifyCaches(chosen)}>
                    {list.verify}
                  </button>
                  <button type="button" className="button small" onClick={() => void pinCaches(chosen, !isPinned)}>
                    {isPinned ? list.unpin : list.pin}
                  </button>
                  <button type="button" className="button small" onClick={() => void rebuildCaches(chosen)}>
                    {list.rebuild}
                  </button>
                  <button type="button" className="button small" onClick={() => void evict()}>
                    {list.evict}
                  </button>
                </>
              )}
            </div>
            <MeasureBar plane={plane} onPlane={setPlane} question={question} onQuestion={setQuestion} />
            {other === null ? (
              <Single cache={first.data} plane={plane} question={question} />
            ) : (
              second.data && <Comparison first={first.data} second={second.data} plane={plane} question={question} />
            )}
          </>
        )}
      </div>
    </Workspace>
  )
}

/** Set, document, section: each leads there. */
function Where({ place: { set, setName, document, title, section, node } }: { readonly place: CachePlace }) {
  const to = (path: string): string => hrefTo(`/library/${set}${path}`)
  return (
    <span className="dim clip">
      <a href={to('')}>
        <bdi>{setName}</bdi>
      </a>
      {' › '}
      <a href={to(`/${document}`)}>
        <bdi>{title}</bdi>
      </a>
      {' › '}
      <a href={to(`/${node}`)}>
        <bdi>{section}</bdi>
      </a>
    </span>
  )
}

interface SingleProps {
  readonly cache: CacheDetail
  readonly plane: CachePlaneName
  readonly question: string
}

function Single({ cache, plane, question }: SingleProps) {
  return <Drawing cache={cache} view={useDrawing(cache, question)} plane={plane} />
}

function Title({ cache }: { readonly cache: CacheDetail }) {
  const { place, kind } = cache
  return (
    <h2 className="clip">
      <bdi>{place?.title ?? texts.title}</bdi>
      {place && (
        <span className="dim">
          {' '}
          › <bdi>{place.section}</bdi>
        </span>
      )}{' '}
      <span className="cache-tag">{strings.variantNames[kind]}</span> <States row={cache} />
    </h2>
  )
}
