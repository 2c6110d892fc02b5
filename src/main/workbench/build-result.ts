import type { Profile } from '../../shared/profile'
import type { BuildResult } from '../build/build'
import type { KeyedDocument } from '../build/knowledge'

/** A sentence for the person who waited for a build. */
export function buildResult(
  { chunks, tokens, scored, repaired, coded }: BuildResult,
  documents: readonly KeyedDocument[],
  profile: Profile,
): string {
  if (chunks === 0 && scored > 0) return `Tokens of ${scored} ${scored === 1 ? 'cache' : 'caches'} scored.`
  if (chunks === 0 && coded > 0) return `${coded} ${coded === 1 ? 'cache' : 'caches'} coded as ${profile}.`
  if (chunks === 0)
    return `Nothing was missing in ${documents.length} ${documents.length === 1 ? 'document' : 'documents'}.`
  const repairs = repaired > 0 ? `, ${repaired} damaged ones made again` : ''
  const form = coded > 0 ? `, ${coded} coded as ${profile}` : ''
  return `${chunks} ${chunks === 1 ? 'cache' : 'caches'} of ${tokens} tokens computed${form}${repairs}.`
}
