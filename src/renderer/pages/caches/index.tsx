/** Caches: all of them, one of them or two side by side, how they were reused, and what a clean-up would free. */
import './caches.css'
import { lazy, Suspense } from 'react'
import type { PageProps } from '../../shell/pages'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { Workspace } from '../../ui/workspace'
import { AllCaches } from './all-caches'
import { CleanUp } from './clean-up'
import { OneCache } from './one-cache'

const texts = strings.cachePage
/** Its charts are large, and few look at them first. */
const Reuse = lazy(() => import('./reuse'))

const PARTS = ['all', 'reuse', 'clean'] as const
type Part = (typeof PARTS)[number]

export default function CachesPage({ rest }: PageProps) {
  const [first = 'all', key, other] = rest
  if (first === 'cache' && key !== undefined) return <OneCache key={`${key} ${other ?? ''}`} cacheKey={key} other={other ?? null} />
  const part = PARTS.find((each) => each === first) ?? 'all'
  return (
    <Workspace>
      <div className="caches-page">
        <Parts current={part} />
        <h2 className="hidden-text">{texts[part]}</h2>
        {part === 'all' && <AllCaches />}
        {part === 'clean' && <CleanUp />}
        {part === 'reuse' && (
          <Suspense>
            <Reuse />
          </Suspense>
        )}
      </div>
    </Workspace>
  )
}

function Parts({ current }: { readonly current: Part }) {
  return (
    <nav className="cache-parts" aria-label={texts.parts}>
      {PARTS.map((part) => (
        <a key={part} href={hrefTo(part === 'all' ? '/caches' : `/caches/${part}`)} aria-current={part === current ? 'page' : undefined}>
          {texts[part]}
        </a>
      ))}
    </nav>
  )
}
