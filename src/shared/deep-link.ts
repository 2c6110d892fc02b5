/**
 * `kvasir://` links: what they may name, and where they lead in the page. A link comes from anywhere (a web page, a mail):
 * it opens a place to look at, and does nothing there. What does not fit exactly is no link.
 */

export type DeepLink =
  | { readonly kind: 'set'; readonly set: string }
  | { readonly kind: 'query'; readonly query: number }
  | { readonly kind: 'cache'; readonly key: string }
  | { readonly kind: 'ask'; readonly set: string; readonly question: string }

export const DEEP_LINK_SCHEME = 'kvasir'
const MAX_LINK_CHARS = 8192
const MAX_LINK_NAME_CHARS = 200
export const MAX_LINK_QUESTION_CHARS = 2000

/** Of one path part: what browsers leave as it is, and escapes. */
const PART = /^(?:[A-Za-z0-9._~!$'()*,;:@+-]|%[0-9A-Fa-f]{2})+$/
/** Of a question, which may hold everything but what ends it. */
const VALUE = /^(?:[A-Za-z0-9._~!$'()*,;:@/?+-]|%[0-9A-Fa-f]{2})*$/
/** Of the store: digests in hexadecimal. */
const CACHE_KEY = /^[0-9a-f]{64}$/
const MAX_QUERY = 2 ** 31

/** What a link names; null when it is none of ours. */
export function parseDeepLink(url: string): DeepLink | null {
  if (url.length > MAX_LINK_CHARS) return null
  const match = /^kvasir:\/\/(set|query|cache|ask)\/([^/?#\\]+)\/?(?:\?([^#]*))?$/i.exec(url)
  const [, kind = '', part = '', search] = match ?? []
  const name = PART.test(part) ? nameOf(part) : null
  if (name === null) return null
  if (kind.toLowerCase() === 'ask') {
    const question = questionOf(search)
    return question === null ? null : { kind: 'ask', set: name, question }
  }
  if (search !== undefined) return null
  switch (kind.toLowerCase()) {
    case 'set':
      return { kind: 'set', set: name }
    case 'query':
      return /^[1-9][0-9]{0,9}$/.test(name) && Number(name) < MAX_QUERY ? { kind: 'query', query: Number(name) } : null
    case 'cache':
      return CACHE_KEY.test(name) ? { kind: 'cache', key: name } : null
    default:
      return null
  }
}

/** Where it leads: a path of the page's own routes. */
export function routeOf(link: DeepLink): string {
  switch (link.kind) {
    case 'set':
      return `/library/${encodeURIComponent(link.set)}`
    case 'query':
      return `/query/${link.query}`
    case 'cache':
      return `/cache/${link.key}`
    case 'ask': {
      const question = link.question === '' ? '' : `/question/${encodeURIComponent(link.question)}`
      return `/ask/${encodeURIComponent(link.set)}${question}`
    }
  }
}

/** The link among what a program was started with; null when there is none. */
export function linkAmong(args: readonly string[]): DeepLink | null {
  const url = args.find((arg) => arg.toLowerCase().startsWith(`${DEEP_LINK_SCHEME}:`))
  return url === undefined ? null : parseDeepLink(url)
}

/** A set's id or name: one line, no path in it. */
function nameOf(part: string): string | null {
  const name = decoded(part)
  if (name === null || name.length > MAX_LINK_NAME_CHARS || name.trim() !== name) return null
  return name === '' || name === '.' || name === '..' || /[/\\]/.test(name) || isUnsafe(name) ? null : name
}

/** `?question=…` and nothing beside it. */
function questionOf(search: string | undefined): string | null {
  if (search === undefined) return ''
  const value = /^question=([^&=]*)$/.exec(search)?.[1]
  if (value === undefined || !VALUE.test(value)) return null
  const question = decoded(value.replaceAll('+', '%20'))
  if (question === null || question.length > MAX_LINK_QUESTION_CHARS) return null
  return isUnsafe(question.replaceAll('\n', ' ')) ? null : question.trim()
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** Controls, and marks that turn the direction of what follows: a text could show as another one than it is. */
function isUnsafe(text: string): boolean {
  return /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/u.test(text) || !text.isWellFormed()
}
