/** Everything about one cache, in the inspector. */
import type { CacheDetail, CacheRow } from '../../../shared/upkeep'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { moment } from '../../ui/dates'
import { bytes, count, duration } from '../../ui/format'
import { Why } from '../../ui/notice'
import { Term } from '../../ui/term'
import { Place } from './cache-words'

const texts = strings.cacheFacts
const SHOWN_KEY = 16
const SHOWN_DIGEST = 8

export function Facts({ cache }: { readonly cache: CacheDetail }) {
  const { key, model, fingerprint, kind, front, tokens, createdAt, computeMs, usedAt, hits, memoryBytes } = cache
  const rows: readonly (readonly [string, string, string?])[] = [
    [texts.key, `${key.slice(0, SHOWN_KEY)}…`, key],
    [texts.model, model?.name ?? texts.unknownModel, fingerprint],
    [texts.variant, strings.variants[kind]],
    [texts.frontTitle, texts.front(front)],
    [texts.tokens, count(tokens)],
    [texts.computed, texts.computedIn(moment(createdAt), duration(computeMs))],
    [texts.used, usedAt === null ? strings.cacheList.never : texts.uses(hits, moment(usedAt))],
    [texts.inMemory, memoryBytes > 0 ? bytes(memoryBytes) : texts.notInMemory],
  ]
  return (
    <div className="cache-facts">
      <h2>{texts.facts}</h2>
      <dl>
        {rows.map(([name, value, title]) => (
          <div key={name}>
            <dt>{name === texts.variant ? <Term name="variant">{name}</Term> : name}</dt>
            <dd title={title}>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>{texts.copies}</h3>
      <ul>
        {cache.copies.map(({ profile, bytes: size, codebook, madeAt, object }) => (
          <li key={profile} title={object}>
            <b>{profile}</b> {bytes(size)}{' '}
            <span className="dim">
              {strings.joins.clauses(
                codebook === null ? texts.exact : texts.codebook(codebook.slice(0, SHOWN_DIGEST)),
                texts.madeAt(moment(madeAt)),
              )}
            </span>
          </li>
        ))}
        {cache.damaged.map(({ profile, why }) => (
          <li key={profile} className="wrong">
            {texts.setAside(profile)}
            <Why failure={{ code: 'object.damaged', text: why }} />
          </li>
        ))}
      </ul>
      <h3>{texts.stands}</h3>
      {cache.stands.length === 0 && <p className="dim">{texts.stoodLast}</p>}
      <ul>
        {cache.stands.map((place) => (
          <li key={`${place.set} ${place.node}`}>
            <bdi>{place.setName}</bdi> <span className="dim">›</span> <Place place={place} />
          </li>
        ))}
      </ul>
      {cache.variants.length > 0 && (
        <>
          <h3>{texts.variants}</h3>
          <ul>
            {cache.variants.map((other) => (
              <Variant key={other.key} of={key} other={other} />
            ))}
          </ul>
        </>
      )}
      <h3>{texts.usedBy}</h3>
      {cache.uses.length === 0 && <p className="dim">{texts.notUsed}</p>}
      <ul>
        {cache.uses.slice(0, 20).map(({ query, question, askedAt }) => (
          <li key={query} className="clip">
            <a href={hrefTo(`/query/${query}`)} title={moment(askedAt)}>
              <bdi>{question}</bdi>
            </a>
          </li>
        ))}
      </ul>
      {cache.text !== null && (
        <>
          <h3>{texts.text}</h3>
          <p className="cache-chunk-text" dir="auto" tabIndex={0}>
            {cache.text.trim()}
          </p>
        </>
      )}
    </div>
  )
}

function Variant({ of, other }: { readonly of: string; readonly other: CacheRow }) {
  const name = strings.joins.clauses(strings.variantNames[other.kind], strings.joins.list(other.profiles))
  return (
    <li className="line">
      <a href={hrefTo(`/cache/${other.key}`)} title={strings.variants[other.kind]}>
        {name}
      </a>
      <a className="push" href={hrefTo(`/cache/${of}/${other.key}`)} aria-label={texts.compareWith(name)}>
        {strings.cacheList.compare}
      </a>
    </li>
  )
}
