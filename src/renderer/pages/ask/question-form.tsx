/** The question, what it is asked of, how it is answered, and the buttons. */
import { Textarea } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { AskInput } from '../../../shared/answer'
import type { NodeId, Selection, SetSummary, Suggestion } from '../../../shared/knowledge'
import type { Selected } from '../../../shared/outline'
import { profile as profileSchema, type Profile } from '../../../shared/profile'
import { parseStrategy, type Strategy } from '../../../shared/strategy'
import type { Asking } from '../../answers/asking'
import { raceThis } from '../../answers/race-draft'
import { connection } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { usePreference } from '../../shell/preferences'
import { strings } from '../../strings'
import { useStore } from '../../ui/store'
import { startAnew, useConversation } from './conversation'
import { Dial } from './dial'
import { draftOf } from './draft'
import { Proposals, selectionOf, useProposed } from './proposals'
import { Suggestions } from './suggestions'
import { FollowUp, Turns } from './turns'
import { useEstimate } from './use-estimate'

const texts = strings.ask

interface Props {
  readonly asking: Asking
  readonly set: SetSummary
  /** The set has some. */
  readonly hasDocuments: boolean
  readonly suggestions: readonly Suggestion[]
  readonly selection: Selection
  /** What the selection takes; absent until it is summed. */
  readonly sums: Selected | undefined
  readonly onSelection: (selection: Selection) => void
  readonly onLook: (id: NodeId) => void
}

export function QuestionForm({ asking, set, hasDocuments, suggestions, selection, sums, onSelection, onLook }: Props) {
  const store = draftOf(set.id)
  const draft = useStore(store, (state) => state)
  const [strategy, setStrategy] = usePreference<Strategy>('ask.strategy', 'reuse', isStrategy)
  const [profile, setProfile] = usePreference<Profile | null>('ask.profile', null, isProfile)
  const box = useRef<HTMLTextAreaElement>(null)
  const running = useStore(asking.state, (state) => state.running)
  const conversation = useConversation(set.id)
  // Asked without a connection, a question would wait unseen and be sent when it is least expected.
  const online = useStore(connection, ({ state }) => state !== 'lost')
  const proposed = useProposed(set.id, draft, selection)
  const question = draft.question.trim()
  const asked = draft.proposing ? selectionOf(proposed, draft, selection) : selection
  // Nothing listed would be everything.
  const isEmpty = draft.proposing && asked.include.length === 0
  const request: AskInput = { set: set.id, question, strategy, profile, selection: asked, history: [...conversation.history] }
  const estimated = useEstimate(request, online && hasDocuments && !isEmpty)
  const ready = online && question !== '' && !isEmpty

  const ask = (compare: boolean): void => {
    if (ready) void asking.ask(request, { compare })
  }
  const propose = (): void => store.set({ proposing: !draft.proposing, struck: new Set() })
  useCommands([
    { id: 'ask.focus', title: strings.askCommands.focus, keys: 'mod+shift+E', run: () => box.current?.focus() },
    { id: 'ask.ask', title: strings.askCommands.ask, disabled: !ready, run: () => ask(false) },
    { id: 'ask.compare', title: strings.askCommands.compare, disabled: !ready, run: () => ask(true) },
    { id: 'ask.race', title: strings.askCommands.race, disabled: !ready, run: () => raceThis(request) },
    { id: 'ask.stop', title: strings.askCommands.stop, disabled: !running, run: asking.stop },
    { id: 'ask.propose', title: strings.askCommands.propose, disabled: question === '', run: propose },
    {
      id: 'ask.fresh',
      title: strings.askCommands.fresh,
      disabled: conversation.turns.length === 0,
      run: () => startAnew(set.id),
    },
  ])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) asking.stop()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [asking])

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        ask(false)
      }}
    >
      {conversation.follow && <Turns turns={conversation.turns} />}
      <div className="line">
        <h2>{texts.title}</h2>
        <span className="dim">
          {sums && (sums.chunks === 0 ? texts.nothingSelected : texts.selected(sums.chunks, sums.cachedChunks))}
        </span>
        <span className="dim push">{texts.shortcuts}</span>
      </div>
      <Textarea
        ref={box}
        aria-label={texts.question}
        placeholder={texts.placeholder}
        autosize
        minRows={2}
        maxRows={10}
        mt={4}
        value={draft.question}
        onChange={(event) => store.set({ question: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          ask(false)
        }}
      />
      <div className="line wrap ask-buttons">
        <button type="submit" className="button primary" disabled={!ready}>
          {texts.ask}
        </button>
        <button type="button" className="button" disabled={!ready} onClick={() => ask(true)}>
          {texts.compare}
        </button>
        <button type="button" className="button" title={texts.raceHint} disabled={!ready} onClick={() => raceThis(request)}>
          {texts.race}
        </button>
        {running && (
          <button type="button" className="button" onClick={asking.stop}>
            {texts.stop}
          </button>
        )}
        {!draft.proposing && (
          <button type="button" className="button" disabled={question === ''} onClick={propose}>
            {strings.proposal.propose}
          </button>
        )}
        <FollowUp set={set.id} conversation={conversation} />
      </div>
      <Suggestions
        suggestions={suggestions}
        onPick={(suggestion) => {
          store.set({ question: suggestion.question, proposing: false })
          onSelection({ include: [...suggestion.include], exclude: [] })
          box.current?.focus()
        }}
      />
      {draft.proposing && (
        <Proposals
          proposed={proposed}
          draft={draft}
          onStrike={(struck) => store.set({ struck })}
          onLook={onLook}
          onCancel={propose}
        />
      )}
      <Dial
        estimated={estimated}
        model={set.model}
        value={strategy}
        onChange={setStrategy}
        profile={profile}
        onProfile={setProfile}
      />
    </form>
  )
}

function isStrategy(value: unknown): boolean {
  return typeof value === 'string' && parseStrategy(value).ok
}

function isProfile(value: unknown): boolean {
  return profileSchema.nullable().safeParse(value).success
}
