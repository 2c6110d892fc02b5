import { describe, expect, it } from 'vitest'
import { CHUNK_TOKENS } from '../../src/main/documents/limits'
import type { Format } from '../../src/main/documents/format'
import { outline } from '../../src/main/documents/outline'
import { splitDocument, type Chunk, type TokenizeTexts } from '../../src/main/documents/split'
import { fakeTokens } from '../helpers/fake-engine'

const words: TokenizeTexts = async (texts) => texts.map((text) => fakeTokens(text))
/** One token per byte, as an unknown script would get. */
const bytes: TokenizeTexts = async (texts) => texts.map((text) => [...Buffer.from(text)])

async function chunksOf(text: string, options: { format?: Format; tokenize?: TokenizeTexts } = {}): Promise<Chunk[]> {
  const { format = 'markdown', tokenize = words } = options
  const chunks = await splitDocument(text, await outline(text, format, 'a.md'), tokenize)
  expect(chunks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
  for (const { tokens } of chunks) expect(tokens.length).toBeLessThanOrEqual(CHUNK_TOKENS)
  for (const { tokens } of chunks) expect(tokens.length).toBeGreaterThan(0)
  return chunks
}

const sentence = (number: number): string => `Sentence ${number} has some words in it. `
const paragraph = (sentences: number, from = 0): string =>
  `${Array.from({ length: sentences }, (_, index) => sentence(from + index))
    .join('')
    .trim()}\n\n`

describe('splitting', () => {
  it('keeps a short section whole', async () => {
    const chunks = await chunksOf('# A\n\nText.\n\n## B\n\nMore.\n')
    expect(chunks.map(({ section, ordinal }) => [section, ordinal])).toEqual([
      [1, 1],
      [2, 1],
    ])
  })

  it('never crosses a section', async () => {
    const text = `# A\n\n${paragraph(10)}## B\n\n${paragraph(10)}`
    const chunks = await chunksOf(text)
    expect(chunks.map(({ start }) => text.slice(start, start + 4))).toEqual(['# A\n', '## B'])
  })

  it('cuts between paragraphs where they fit', async () => {
    const text = `# A\n\n${paragraph(30)}${paragraph(30)}${paragraph(30)}`
    const chunks = await chunksOf(text)
    expect(chunks.length).toBeGreaterThan(1)
    for (const { end } of chunks) expect(text.slice(end - 2, end)).toBe('\n\n')
  })

  it('cuts a long paragraph at sentence ends', async () => {
    const text = `# A\n\n${paragraph(300)}`
    const chunks = await chunksOf(text)
    expect(chunks.length).toBeGreaterThan(4)
    for (const { start } of chunks.slice(1)) expect(text.slice(start)).toMatch(/^Sentence \d+ has/)
  })

  it('cuts Chinese at its own full stops', async () => {
    const text = `${'这是一个没有空格的句子，里面有一些字。'.repeat(200)}\n`
    const chunks = await chunksOf(text, { tokenize: bytes })
    for (const { start } of chunks.slice(1)) expect(text.slice(start - 1, start)).toBe('。')
  })

  it('cuts code and lists at lines and items', async () => {
    const code = `\`\`\`\n${Array.from({ length: 400 }, (_, index) => `let value${index} = call.${index}(1. 2)`).join('\n')}\n\`\`\`\n`
    for (const { start } of (await chunksOf(code)).slice(1)) expect(code.charAt(start - 1)).toBe('\n')
    const list = Array.from(
      { length: 300 },
      (_, index) => `- item ${index} with a few words. And more.\n  Its second line.\n`,
    ).join('')
    for (const { start } of (await chunksOf(list)).slice(1)) expect(list.slice(start, start + 7)).toBe('- item ')
  })

  it('evens out a tiny tail', async () => {
    const text = `${paragraph(83)}${paragraph(1)}`
    const sizes = (await chunksOf(text, { format: 'text' })).map(({ tokens }) => tokens.length)
    expect(sizes.length).toBe(2)
    expect(Math.min(...sizes)).toBeGreaterThan(CHUNK_TOKENS / 4)
  })

  it('cuts words without spaces between characters, never inside one', async () => {
    const text = `${'😀'.repeat(5000)}\n`
    const chunks = await chunksOf(text, { format: 'text', tokenize: bytes })
    for (const { start, end } of chunks) expect(text.slice(start, end).isWellFormed()).toBe(true)
  })

  it('holds for tokenizers whose counts do not add up', async () => {
    const grumpy: TokenizeTexts = async (texts) =>
      texts.map((text) =>
        Array.from({ length: Math.ceil((text.length / 4) * (text.length > 1000 ? 1.3 : 1)) }, () => 7),
      )
    await chunksOf(`# A\n\n${paragraph(400)}`, { tokenize: grumpy })
  })

  it("changes nothing in front of an edit at a section's end", async () => {
    const text = `# A\n\n${Array.from({ length: 12 }, (_, index) => paragraph(20, index)).join('')}`
    const before = await chunksOf(text)
    const after = await chunksOf(`${text}${paragraph(9)}`)
    expect(after.slice(0, before.length - 2)).toEqual(before.slice(0, -2))
  })

  it('takes linear time for one long line', async () => {
    const text = `${'word. '.repeat(500_000)}\n`
    const started = performance.now()
    const chunks = await chunksOf(text, { format: 'text' })
    expect(chunks.length).toBeGreaterThan(1000)
    const noSpaces = `${'x'.repeat(3_000_000)}\n`
    await chunksOf(noSpaces, { format: 'text' })
    const dots = `${'.'.repeat(3_000_000)}\n`
    await chunksOf(dots, { format: 'text' })
    // Quadratic work would take hours.
    expect(performance.now() - started).toBeLessThan(30_000)
  })
})
