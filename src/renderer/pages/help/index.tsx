/** What the words mean, where each is seen, and the keys. */
import './help.css'
import { useEffect, useState } from 'react'
import { allCommands, commands } from '../../shell/commands'
import { keysOf, shownKeys } from '../../shell/keys'
import { PAGES, type PageProps } from '../../shell/pages'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import type { TermName } from '../../ui/term'
import { useStore } from '../../ui/store'
import { Workspace } from '../../ui/workspace'

const texts = strings.help
/** Pages that show it best; those that are not there are left out. */
const SEEN: Readonly<Record<TermName, readonly string[]>> = {
  model: ['models'],
  document: ['library'],
  section: ['library'],
  chunk: ['library', 'ask'],
  set: ['library', 'home'],
  selection: ['library', 'ask'],
  cache: ['caches'],
  variant: ['caches', 'ask'],
  profile: ['caches', 'bench'],
  tier: ['caches'],
  strategy: ['ask', 'race'],
  recompute: ['ask', 'bench'],
  trace: ['ask'],
  hitRate: ['caches', 'home'],
  ttft: ['ask', 'race', 'bench'],
  prefill: ['race', 'bench'],
  decode: ['race'],
  kv: ['caches'],
  kl: ['race', 'bench'],
  verdict: ['models', 'home'],
}

export default function HelpPage({ rest: [wanted] }: PageProps) {
  const [sought, setSought] = useState('')
  const entries = Object.entries(strings.glossary) as [TermName, { word: string; text: string }][]
  const shown = entries.filter(([, { word, text }]) => `${word} ${text}`.toLowerCase().includes(sought.trim().toLowerCase()))
  useEffect(() => {
    if (wanted) document.getElementById(`term-${wanted}`)?.scrollIntoView({ block: 'center' })
  }, [wanted])
  return (
    <Workspace>
      <div className="help">
        <h2>{texts.title}</h2>
        <input
          type="search"
          className="help-find"
          aria-label={texts.find}
          placeholder={texts.find}
          value={sought}
          onChange={({ target }) => setSought(target.value)}
        />
        {shown.length === 0 && <p className="dim">{texts.none}</p>}
        <dl>
          {shown.map(([name, { word, text }]) => (
            <div key={name} id={`term-${name}`} data-wanted={name === wanted}>
              <dt>{word}</dt>
              <dd>
                {text}{' '}
                <span className="dim">
                  {texts.seen}{' '}
                  {PAGES.filter(({ id }) => SEEN[name].includes(id)).map(({ id }, at) => (
                    <span key={id}>
                      {at > 0 && strings.joins.between}
                      <a className="link" href={hrefTo(`/${id}`)}>
                        {strings.pages[id]}
                      </a>
                    </span>
                  ))}
                </span>
              </dd>
            </div>
          ))}
        </dl>
        <Keys />
      </div>
    </Workspace>
  )
}

function Keys() {
  useStore(commands, ({ lists }) => lists)
  const list = allCommands().flatMap((command) => {
    const keys = keysOf(command)
    return keys ? [{ id: command.id, title: command.title, keys: shownKeys(keys) }] : []
  })
  return (
    <section aria-label={texts.keys}>
      <h3>{texts.keys}</h3>
      <p className="dim">{texts.keysHint}</p>
      <dl>
        {list.map(({ id, title, keys }) => (
          <div key={id}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
