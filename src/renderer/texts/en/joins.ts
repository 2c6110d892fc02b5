/** How words are put together: punctuation differs between languages. */
export const joins = {
  /** Where things are listed that are more than words. */
  between: ', ',
  list: (parts: readonly string[]) => parts.join(', '),
  /** What has commas of its own. */
  groups: (parts: readonly string[]) => parts.join('; '),
  clauses: (...parts: string[]) => parts.join(', '),
  of: (name: string, value: string) => `${name}: ${value}`,
  aside: (what: string, more: string) => `${what} (${more})`,
  sentence: (words: string) => `${words}.`,
  /** Between sentences. */
  gap: ' ',
  quoted: (name: string) => `“${name}”`,
}
