import type { DocumentNode } from '../../shared/knowledge'
import type { DocumentOutline } from '../../shared/outline'
import { count, percent } from './figures'
import { numbers, shortened, table } from './table'

const TITLE_WIDTH = 48

/** Documents, one row each, with their sections and chunks below them where asked for. */
export function documentsTable(documents: readonly DocumentNode[], depth: 'sections' | 'chunks'): string {
  const rows: string[][] = []
  for (const document of documents) {
    const { id, title, tokens, state, source } = document
    rows.push([id, shortened(title, TITLE_WIDTH), count(tokens), state, shortened(source, TITLE_WIDTH)])
    for (const section of document.sections) {
      const heading = section.level === 0 ? '(before the first heading)' : section.title
      rows.push([section.id, `  ${shortened(heading, TITLE_WIDTH - 2)}`, count(section.tokens), section.state, ''])
      if (depth === 'sections') continue
      for (const chunk of section.chunks) {
        const { id, preview, tokens, state, variants } = chunk
        rows.push([id, `    ${shortened(preview, TITLE_WIDTH - 4)}`, count(tokens), state, variants.join(', ')])
      }
    }
  }
  return table(['id', 'title', numbers('tokens'), 'caches', depth === 'chunks' ? 'source, variants' : 'source'], rows)
}

/** Documents, one row each. */
export function outlineTable(rows: readonly DocumentOutline[]): string {
  const cells = rows.map(({ id, title, tokens, chunks, cachedChunks, state, hitRate }) => [
    id,
    shortened(title, TITLE_WIDTH),
    count(tokens),
    `${count(cachedChunks)} of ${count(chunks)}`,
    state,
    hitRate === undefined ? '' : percent(hitRate),
  ])
  return table(['id', 'title', numbers('tokens'), numbers('cached'), 'caches', numbers('hit rate')], cells)
}
