import type { SearchHit } from '../../shared/knowledge'

/** The passage that a search found, with the words marked. */
export function Passage({ hit: { snippet, marks } }: { readonly hit: SearchHit }) {
  const parts = marks.map(([start, end], at) => ({ before: snippet.slice(marks[at - 1]?.[1] ?? 0, start), word: snippet.slice(start, end) }))
  return (
    <>
      {parts.map(({ before, word }, at) => (
        <span key={at}>
          {before}
          <mark>{word}</mark>
        </span>
      ))}
      {snippet.slice(marks.at(-1)?.[1] ?? 0)}
    </>
  )
}
