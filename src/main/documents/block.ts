/** A run of the text, up to the start of the next one: separators belong to what they close. */
export interface Block {
  readonly start: number
  readonly end: number
  /** Where a block that is too long for a chunk is cut: at sentence ends, or at line ends. */
  readonly kind: 'prose' | 'lines'
  /** Parts that are better cut between than inside, e.g. a list's items. They cover the block. */
  readonly children: readonly Block[]
  readonly heading: { readonly level: number; readonly text: string } | null
}
