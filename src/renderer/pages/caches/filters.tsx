/** Conditions of the list, one control each. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type RefObject } from 'react'
import { CONTEXT_KINDS } from '../../../shared/knowledge'
import { PROFILES } from '../../../shared/profile'
import { trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { ANY, isAny, STATES, type ListFilter } from './filter'

const texts = strings.cacheList
/** A word is typed before it is looked for. */
const TYPING_MS = 150

interface Props {
  readonly filter: ListFilter
  readonly onChange: (filter: ListFilter) => void
  readonly search: RefObject<HTMLInputElement | null>
}

export function Filters({ filter, onChange, search }: Props) {
  const { data: sets } = useQuery(trpc.sets.list.queryOptions())
  return (
    <div className="line wrap cache-filters" role="group" aria-label={texts.filters}>
      <TitleSearch filter={filter} onChange={onChange} search={search} />
      <Choice
        label={texts.set}
        value={filter.set}
        options={[['', texts.anySet], ...(sets ?? []).map(({ id, name }): [string, string] => [id, name])]}
        onChange={(set) => onChange({ ...filter, set })}
      />
      <Choice
        label={texts.variant}
        value={filter.kind}
        options={[['', texts.anyVariant], ...CONTEXT_KINDS.map((kind): [string, string] => [kind, strings.variantNames[kind]])]}
        onChange={(kind) => onChange({ ...filter, kind })}
      />
      <Choice
        label={texts.profile}
        value={filter.profile}
        options={[['', texts.anyProfile], ...PROFILES.map((profile): [string, string] => [profile, profile])]}
        onChange={(profile) => onChange({ ...filter, profile })}
      />
      <Choice
        label={texts.state}
        value={filter.state}
        options={STATES.map((state): [string, string] => [state, texts.states[state]])}
        onChange={(state) => onChange({ ...filter, state: STATES.find((each) => each === state) ?? 'any' })}
      />
      {!isAny(filter) && (
        <button type="button" className="link" onClick={() => onChange(ANY)}>
          {texts.clear}
        </button>
      )}
    </div>
  )
}

function TitleSearch({ filter, onChange, search }: Props) {
  const [{ text, of }, setTyped] = useState({ text: filter.title, of: filter.title })
  // Set from elsewhere, or taken over from here.
  if (of !== filter.title) setTyped({ text: filter.title, of: filter.title })
  useEffect(() => {
    if (text === filter.title) return
    const timer = setTimeout(() => onChange({ ...filter, title: text }), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, filter, onChange])
  return (
    <input
      ref={search}
      className="cache-field"
      type="search"
      value={text}
      maxLength={200}
      placeholder={texts.title}
      aria-label={texts.title}
      onChange={(event) => setTyped({ text: event.target.value, of })}
    />
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, label: string])[]
  readonly onChange: (value: string) => void
}

export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <select className="cache-field" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {options.map(([each, name]) => (
        <option key={each} value={each}>
          {name}
        </option>
      ))}
    </select>
  )
}
