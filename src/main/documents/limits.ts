/** What an import takes. Larger input is refused by name, never cut. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
export const MAX_SECTIONS = 20_000
export const MAX_FILES = 10_000
/** Most tokens of a chunk. */
export const CHUNK_TOKENS = 512
