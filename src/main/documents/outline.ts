/** A document's shape: its sections, and the blocks that chunks are made of. Offsets count UTF-16 code units. */
import { basename, extname } from 'node:path'
import { WorkbenchError } from '../../shared/errors'
import type { Block } from './block'
import type { Format } from './format'
import { MAX_SECTIONS } from './limits'
import { markdownBlocks } from './markdown'
import { textBlocks } from './plain-text'

export interface Section {
  readonly title: string
  /** 1 to 6; 0 for what stands before the first heading. */
  readonly level: number
  readonly start: number
  readonly end: number
}

export interface Outline {
  readonly title: string
  /** Cover the text. */
  readonly sections: readonly Section[]
  /** Cover the text; none spans two sections. */
  readonly blocks: readonly Block[]
}

const MAX_TITLE = 200

/** @throws document.invalid when there are more sections than `MAX_SECTIONS` */
export async function outline(text: string, format: Format, name: string): Promise<Outline> {
  const blocks = format === 'text' ? textBlocks(text) : await markdownBlocks(text)
  const headings = blocks.filter((block) => block.heading !== null)
  if (headings.length >= MAX_SECTIONS) {
    throw new WorkbenchError(
      'document.invalid',
      { id: 'document.headings', params: { name, headings: headings.length, most: MAX_SECTIONS - 1 } },
    )
  }
  const title = shorten(headings.find((block) => block.heading?.level === 1)?.heading?.text ?? '') || titleOfName(name)
  return { title, sections: sectionsOf(text, headings, title), blocks }
}

function titleOfName(name: string): string {
  const file = basename(name.replaceAll('\\', '/'))
  return shorten(file.slice(0, file.length - extname(file).length)) || shorten(file) || 'Untitled'
}

function sectionsOf(text: string, headings: readonly Block[], title: string): Section[] {
  const sections: Section[] = []
  const first = headings[0]
  // Blank lines alone are no part before the first heading: they go with it.
  const hasLead = !first || text.slice(0, first.start).trim() !== ''
  if (hasLead) sections.push({ title, level: 0, start: 0, end: first?.start ?? text.length })
  for (const [index, block] of headings.entries()) {
    sections.push({
      title: shorten(block.heading?.text ?? '') || `Section ${sections.length + 1}`,
      level: block.heading?.level ?? 1,
      start: index === 0 && !hasLead ? 0 : block.start,
      end: headings[index + 1]?.start ?? text.length,
    })
  }
  return sections
}

function shorten(text: string): string {
  const line = text
    .slice(0, 4 * MAX_TITLE)
    .replace(/\s+/g, ' ')
    .trim()
  const characters = Array.from(line)
  return characters.length <= MAX_TITLE ? line : `${characters.slice(0, MAX_TITLE - 1).join('')}…`
}
