/** Pieces that lists of caches share. */
import type { CachePlace, CacheRow } from '../../../shared/upkeep'
import { strings } from '../../strings'
import { inShort } from '../../ui/failure'

const texts = strings.cacheList

/** Where a text stands; names may be of any script and length. */
export function Place({ place, places = 1 }: { readonly place: CachePlace | null; readonly places?: number }) {
  if (!place) return <span className="dim">{texts.nowhere}</span>
  const { title, section, node, setName, preview } = place
  const { aside, clauses } = strings.joins
  const where = aside(`${setName} › ${title} › ${section}`, node)
  const whole = `${places > 1 ? clauses(where, texts.morePlaces(places - 1)) : where}\n${preview}`
  return (
    <span title={whole}>
      <bdi>{title}</bdi> <span className="dim">›</span> <bdi>{section === title ? node : section}</bdi>
    </span>
  )
}

/** Words rather than colours: pinned, damaged, in memory. */
export function States({ row: { pinned, damage, memoryBytes } }: { readonly row: Pick<CacheRow, 'pinned' | 'damage' | 'memoryBytes'> }) {
  return (
    <>
      {damage !== null && (
        <span className="cache-tag wrong" title={inShort({ code: 'object.damaged', text: damage })}>
          {texts.damaged}
        </span>
      )}
      {pinned && <span className="cache-tag">{texts.pinned}</span>}
      {memoryBytes > 0 && <span className="cache-tag reused">{texts.inMemory}</span>}
    </>
  )
}
