/** Search hits for people: where each stands, and the words around it. */
import type { SearchHit } from '../../shared/knowledge'
import type { Output } from './output'
import { wrapped } from './table'

/** What was looked for is bold on a terminal. */
export function hitLines({ id, snippet, marks, ...hit }: SearchHit, { paint }: Output): string {
  let text = ''
  let at = 0
  for (const [start, end] of marks) {
    text += snippet.slice(at, start) + paint.bold(snippet.slice(start, end))
    at = end
  }
  const words = (text + snippet.slice(at)).replace(/\s+/g, ' ').trim()
  return `${paint.cyan(id)}  ${placeOf(hit)}\n${wrapped(`    ${words}`, process.stdout.columns)}`
}

/** `Handbook 2025 / Travel, page 3` */
export function placeOf({ title, section, page }: Pick<SearchHit, 'title' | 'section' | 'page'>): string {
  const place = section === title ? title : `${title} / ${section}`
  return page === null ? place : `${place}, page ${page}`
}
