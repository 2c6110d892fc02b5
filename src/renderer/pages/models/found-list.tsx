/** Model files that other programs keep on this machine; nothing is changed there. */
import { useQuery } from '@tanstack/react-query'
import { APP_NAMES, type Discovery, type FoundModel } from '../../../shared/models'
import { trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { failureOf, wordsOf } from '../../ui/failure'
import { bytes, count } from '../../ui/format'
import { InEnglish, Notice } from '../../ui/notice'
import type { Adding } from './use-adding'

const texts = strings.models.found

type Query = ReturnType<typeof useDiscovery>

export function useDiscovery() {
  return useQuery(trpc.models.discover.queryOptions())
}

export function FoundList({ discovery, adding }: { readonly discovery: Query; readonly adding: Adding }) {
  const { data, error, isFetching, refetch } = discovery
  const runs = data?.models.filter(({ problem }) => problem === null) ?? []
  const others = data?.models.filter(({ problem }) => problem !== null) ?? []
  return (
    <section aria-label={texts.title} aria-busy={isFetching}>
      <div className="line">
        <h3>{texts.title}</h3>
        <button type="button" className="link push" disabled={isFetching} onClick={() => void refetch()}>
          {texts.again}
        </button>
      </div>
      {isFetching && !data && (
        <p className="dim" role="status">
          {texts.looking}
        </p>
      )}
      {error && <Notice failure={failureOf(error)} />}
      {data && data.models.length === 0 && <p className="dim">{texts.none}</p>}
      {runs.length > 0 && (
        <ul className="model-list">
          {runs.map((model) => (
            <Found key={model.path} model={model} adding={adding} />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <details className="more">
          <summary>{texts.others(others.length)}</summary>
          <ul className="model-list">
            {others.map((model) => (
              <Found key={model.path} model={model} adding={adding} />
            ))}
          </ul>
        </details>
      )}
      {data && <Places discovery={data} />}
    </section>
  )
}

function Found({ model, adding }: { readonly model: FoundModel; readonly adding: Adding }) {
  const { path, app, name, facts, problem, known } = model
  const words = [APP_NAMES[app], facts?.quantization, bytes(model.bytes), facts && texts.facts(count(facts.contextLength))]
  return (
    <li>
      <span className="line">
        <span className="clip" title={path}>
          <bdi>{name}</bdi>
        </span>
        {known !== null && <span className="dim push">{texts.known(known)}</span>}
        {known === null && problem === null && (
          <button
            type="button"
            className="button small push"
            aria-label={texts.add(name)}
            disabled={adding.path !== null}
            // An Ollama blob's file name is a digest.
            onClick={() => adding.add(path, app === 'ollama' ? name : undefined)}
          >
            {texts.addShort}
          </button>
        )}
        {problem && <span className="wrong push">{texts.cannot}</span>}
      </span>
      <span className="dim">{words.filter(Boolean).join(' · ')}</span>
      {problem && <Reason problem={problem} />}
    </li>
  )
}

/** In the page's language; what there is only in English stays a step away. */
function Reason({ problem: { code, text, said: detail } }: { readonly problem: NonNullable<FoundModel['problem']> }) {
  if (code === 'split') return <p className="dim">{texts.split}</p>
  const words = wordsOf({ code, text, detail })
  return (
    <>
      <p className="dim">
        {words === null ? strings.joins.sentence(strings.errorTitles[code]) : strings.joins.of(strings.errorTitles[code], words)}
      </p>
      {words === null && <InEnglish text={text} />}
    </>
  )
}

function Places({ discovery: { places, unreadable, isComplete } }: { readonly discovery: Discovery }) {
  const there = places.filter(({ state }) => state !== 'absent').length
  return (
    <>
      {!isComplete && <p className="dim">{texts.incomplete}</p>}
      <details className="more">
        <summary>{texts.places(there)}</summary>
        <ul className="places">
          {places.map(({ app, path, state }) => (
            <li key={path}>
              {APP_NAMES[app]} – {strings.models.placeStates[state]}
              <div className="path">
                <bdi>{path}</bdi>
              </div>
            </li>
          ))}
          {unreadable.map(({ path, text, errno }) => (
            <li key={`unreadable ${path}`} className="wrong">
              <bdi>{texts.unreadable(path, strings.systemReason(errno, text))}</bdi>
            </li>
          ))}
        </ul>
      </details>
    </>
  )
}
