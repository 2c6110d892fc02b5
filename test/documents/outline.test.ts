import { describe, expect, it } from 'vitest'
import { MAX_SECTIONS } from '../../src/main/documents/limits'
import { outline, type Outline } from '../../src/main/documents/outline'

async function shapeOf(text: string, name = 'notes.md'): Promise<Outline> {
  const shape = await outline(text, name.endsWith('.txt') ? 'text' : 'markdown', name)
  const covers = (parts: readonly { start: number; end: number }[]): string =>
    parts.map(({ start, end }) => text.slice(start, end)).join('')
  expect(covers(shape.sections)).toBe(text)
  expect(covers(shape.blocks)).toBe(text)
  return shape
}

const titles = async (text: string): Promise<string[]> =>
  (await shapeOf(text)).sections.map(({ level, title }) => `${level} ${title}`)

describe('sections', () => {
  it("start at headings; what stands before has level 0 and the document's title", async () => {
    expect(await titles('Intro.\n\n# Title\n\nText.\n\n## Part\n\nMore.\n')).toEqual(['0 Title', '1 Title', '2 Part'])
  })

  it('have no empty part before the first heading', async () => {
    expect(await titles('\n\n# Title\n\nText.\n')).toEqual(['1 Title'])
  })

  it('know setext headings', async () => {
    expect(await titles('Title\n=====\n\nText\n\nPart\n---\n\nMore\n')).toEqual(['1 Title', '2 Part'])
  })

  it('are not made by look-alikes in code, quotes, lists and HTML', async () => {
    const text =
      '# Real\n\n```sh\n# comment\n```\n\n    # indented\n\n> # quoted\n\n- # item\n\n<!--\n# hidden\n-->\n\n~~~\n```\n# still code\n~~~\n'
    expect(await titles(text)).toEqual(['1 Real'])
  })

  it("show a heading's words, not its marks", async () => {
    expect(await titles('# *Bold* [link](http://x.y) `code` ~~old~~\n\n## A &amp; B ##\n')).toEqual([
      '1 Bold link code old',
      '2 A & B',
    ])
  })

  it('do not take front matter for a heading', async () => {
    expect(await titles('---\ntitle: x\n---\n\n# Real\n')).toEqual(['0 Real', '1 Real'])
  })

  it("take the file's name where there is no first-level heading", async () => {
    expect((await shapeOf('## Part\n\nText\n', 'Handbook 2023.md')).title).toBe('Handbook 2023')
    expect((await shapeOf('# not a heading here\n', 'a/b/plain.txt')).title).toBe('plain')
  })

  it('are one for plain text, with paragraphs as blocks', async () => {
    const { sections, blocks } = await shapeOf('\n\nOne\ntwo\n\n\nThree\n', 'a.txt')
    expect(sections).toHaveLength(1)
    expect(blocks).toHaveLength(2)
  })

  it('cut huge headings short for lists', async () => {
    const { sections } = await shapeOf(`# ${'very '.repeat(50_000)}long\n\nText\n`)
    expect(sections).toHaveLength(1)
    expect(sections[0]?.title.length).toBeLessThanOrEqual(200)
  })

  it('are limited in number', async () => {
    await expect(shapeOf('# a\n'.repeat(MAX_SECTIONS))).rejects.toMatchObject({ code: 'document.invalid' })
  })
})

describe('windows', () => {
  it('find what one pass over everything finds', async () => {
    const part = (index: number): string =>
      `## Part ${index}\n\nText ${'word '.repeat(index % 90)}\n\n- a\n- b\n\n  still b\n\n\`\`\`\n# no ${index}\n\n\`\`\`\n\nSetext ${index}\n---\n\n> quote\nlazy\n\n`
    const found = await titles(Array.from({ length: 1500 }, (_, index) => part(index)).join(''))
    expect(found).toEqual(Array.from({ length: 1500 }, (_, index) => [`2 Part ${index}`, `2 Setext ${index}`]).flat())
  })

  it('cut the same text into the same blocks, however much stands before it', async () => {
    const body = '# B\n\n[a]: /url\n10) x\n\n    more\n\nlast\n'
    const shapes = new Set<string>()
    for (let lines = 240; lines < 256; lines++) {
      const front = 'a line\n'.repeat(lines)
      const { blocks } = await shapeOf(front + body)
      shapes.add(JSON.stringify(blocks.map(({ start }) => start - front.length).filter((start) => start >= 0)))
    }
    expect(shapes.size).toBe(1)
  })

  it('hold a block that is longer than many windows', async () => {
    const code = `\`\`\`\n${'# not a heading\n'.repeat(20_000)}\`\`\`\n`
    expect(await titles(`# A\n\n${code}\n# B\n`)).toEqual(['1 A', '1 B'])
    expect(await titles(`# A\n\n${'a line of one paragraph\n'.repeat(14_000)}\n# B\n`)).toEqual(['1 A', '1 B'])
  })

  it('pass over a line that is too long to parse', async () => {
    expect(await titles(`# A\n${'word '.repeat(300_000)}\n\n# B\n`)).toEqual(['1 A', '1 B'])
  })

  it('stand inputs that take a parser quadratic time', async () => {
    const started = performance.now()
    expect(await titles('a\n=\n'.repeat(5000))).toHaveLength(5000)
    await shapeOf(`${'- '.repeat(5000)}x\n`)
    await shapeOf(`${'['.repeat(50_000)}\n`)
    await shapeOf(`${'> '.repeat(5000)}x\n`)
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
