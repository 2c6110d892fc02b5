import type { ChunkTrace } from '../../shared/answer'
import type { Provenance } from '../../shared/provenance'
import { percent, ratio } from './figures'
import { numbers, shortened, table } from './table'

const SHOWN = 10
const TITLE_WIDTH = 24

/** Chunks that the answer paid most attention to. */
export function provenanceReport({ chunks, knowledge }: Provenance, traced: readonly ChunkTrace[]): string {
  const places = new Map(traced.map(({ id, document, section }) => [id, { document, section }]))
  const rows = chunks
    .toSorted((a, b) => b.share - a.share)
    .slice(0, SHOWN)
    .map(({ id, share, expected }) => {
      const { document = '', section = '' } = places.get(id) ?? {}
      const times = expected > 0 ? ratio(share / expected) : '-'
      return [id, shortened(document, TITLE_WIDTH), shortened(section, TITLE_WIDTH), percent(share), times]
    })
  return [
    `Attention while the answer was written: ${percent(knowledge)} to knowledge, of that`,
    '',
    table(['chunk', 'document', 'section', numbers('share'), numbers('of its length')], rows),
    '',
    'Mean over heads and all layers but the first. What a model looks at is not proof of why it answers so.',
  ].join('\n')
}
