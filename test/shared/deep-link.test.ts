/** `kvasir://` links: what leads somewhere, and what hostile ones do not. */
import { describe, expect, it } from 'vitest'
import { linkAmong, MAX_LINK_QUESTION_CHARS, parseDeepLink, routeOf } from '../../src/shared/deep-link'

const KEY = 'ab'.repeat(32)

function lead(url: string): string | null {
  const link = parseDeepLink(url)
  return link && routeOf(link)
}

describe('a link leads to its place', () => {
  it.each([
    ['kvasir://set/set1', '/library/set1'],
    ['KVASIR://Set/set1/', '/library/set1'],
    ['kvasir://set/Team%20handbooks', '/library/Team%20handbooks'],
    ['kvasir://set/%E6%89%8B%E5%86%8C', '/library/%E6%89%8B%E5%86%8C'],
    ['kvasir://query/17', '/query/17'],
    [`kvasir://cache/${KEY}`, `/cache/${KEY}`],
    ['kvasir://ask/set1', '/ask/set1'],
    ['kvasir://ask/set1?question=Who+approves%20travel%3F', '/ask/set1/question/Who%20approves%20travel%3F'],
    ['kvasir://ask/set1?question=1%2B1', '/ask/set1/question/1%2B1'],
  ])('%s', (url, route) => {
    expect(lead(url)).toBe(route)
  })

  it('is found among what the program was started with', () => {
    expect(linkAmong(['/opt/kvasir', '--flag', 'kvasir://query/3'])).toEqual({ kind: 'query', query: 3 })
    expect(linkAmong(['/opt/kvasir', 'kvasir://nowhere/3'])).toBeNull()
    expect(linkAmong([])).toBeNull()
  })
})

describe('what is no link leads nowhere', () => {
  it.each([
    ['nothing', ''],
    ['another scheme', 'https://set/set1'],
    ['another scheme inside', 'x-kvasir://set/set1'],
    ['no authority', 'kvasir:set/set1'],
    ['another host', 'kvasir://evil.example/set/set1'],
    ['an unknown place', 'kvasir://delete/set1'],
    ['a user and a port', 'kvasir://user@set:80/set1'],
    ['more path than there is', 'kvasir://set/set1/remove'],
    ['no name', 'kvasir://set/'],
    ['dots', 'kvasir://set/..'],
    ['encoded dots', 'kvasir://set/%2e%2e'],
    ['an encoded separator', 'kvasir://set/..%2f..%2fetc'],
    ['an encoded backslash', 'kvasir://set/a%5Cb'],
    ['a backslash', 'kvasir://set/a\\b'],
    ['a null', 'kvasir://set/a%00b'],
    ['a line break', 'kvasir://set/a%0Ab'],
    ['a raw line break behind it', 'kvasir://set/set1\n'],
    ['a raw control character', 'kvasir://set/a\u0007b'],
    ['a raw blank', 'kvasir://set/a b'],
    ['text that turns direction', 'kvasir://set/a%E2%80%AEb'],
    ['half an escape', 'kvasir://set/a%2'],
    ['an escape that is no UTF-8', 'kvasir://set/%ff%fe'],
    ['a surrogate in UTF-8', 'kvasir://set/%ed%a0%80'],
    ['markup', 'kvasir://set/<img>'],
    ['an overlong name', `kvasir://set/${'a'.repeat(201)}`],
    ['an overlong link', `kvasir://ask/set1?question=${'a'.repeat(9000)}`],
    ['a fragment', 'kvasir://set/set1#token=1'],
    ['a search where none belongs', 'kvasir://set/set1?remove=1'],
    ['query zero', 'kvasir://query/0'],
    ['a negative query', 'kvasir://query/-1'],
    ['a broken query', 'kvasir://query/1.5'],
    ['a query in another notation', 'kvasir://query/0x10'],
    ['a huge query', 'kvasir://query/99999999999'],
    ['a key that is too short', 'kvasir://cache/abc'],
    ['a key in capitals', `kvasir://cache/${'AB'.repeat(32)}`],
    ['another parameter', 'kvasir://ask/set1?q=x'],
    ['a second parameter', 'kvasir://ask/set1?question=x&run=1'],
    ['a parameter given twice', 'kvasir://ask/set1?question=x&question=y'],
    ['a question with a null', 'kvasir://ask/set1?question=a%00'],
    ['an overlong question', `kvasir://ask/set1?question=${'a'.repeat(MAX_LINK_QUESTION_CHARS + 1)}`],
  ])('%s', (_what, url) => {
    expect(lead(url)).toBeNull()
  })

  it('throws at nothing, whatever comes', () => {
    let seed = 7
    const next = (below: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below
    const bits = ['kvasir://', 'set', 'ask', '/', '%', '2f', '?question=', '\u0000', '\ud800', '..', '&', '#', 'é', '%e9']
    for (let round = 0; round < 5000; round++) {
      const url = Array.from({ length: next(9) }, () => bits[next(bits.length)]).join('')
      const route = lead(url)
      if (route !== null) expect(route).toMatch(/^\/(library|query|cache|ask)\/[^/]+(\/question\/[^/]+)?$/)
    }
  })
})
