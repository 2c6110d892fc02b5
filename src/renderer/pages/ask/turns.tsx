/** Earlier turns of the conversation, above the question. */
import { memo } from 'react'
import type { WholeQuery } from '../../../shared/hits'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { setFollow, startAnew, type Conversation } from './conversation'

const texts = strings.conversation

export const Turns = memo(function Turns({ turns }: { readonly turns: readonly WholeQuery[] }) {
  return (
    <ol className="turns" aria-label={texts.title}>
      {turns.map(({ query, answer }, at) => (
        <li key={query.id}>
          <a href={hrefTo(`/query/${query.id}`)} title={strings.past.link} aria-label={strings.joins.of(texts.turn(at + 1), query.question)}>
            <bdi>{query.question}</bdi>
          </a>
          <p>
            <bdi>{answer?.text.trim()}</bdi>
          </p>
        </li>
      ))}
    </ol>
  )
})

/** Whether the next question follows what was answered, and the way out of it. */
export function FollowUp({ set, conversation }: { readonly set: string; readonly conversation: Conversation }) {
  const { turns, follow } = conversation
  if (turns.length === 0) return null
  return (
    <>
      <label className="pill choose" title={texts.followHint}>
        <input type="checkbox" className="hidden-text" checked={follow} onChange={() => setFollow(set, !follow)} />
        {texts.follow(turns.length)}
      </label>
      {follow && (
        <button type="button" className="link" onClick={() => startAnew(set)}>
          {texts.fresh}
        </button>
      )}
    </>
  )
}
