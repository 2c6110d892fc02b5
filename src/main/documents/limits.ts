/** What an import takes. Larger input is refused by name, never cut. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
export const MAX_SECTIONS = 20_000
export const MAX_FILES = 10_000
/** All files of one upload. */
export const MAX_UPLOAD_BYTES = 1024 * 1024 * 1024
/** Most tokens of a chunk. */
export const CHUNK_TOKENS = 512

/** What converting a document into text takes. */
export const MAX_PAGES = 5_000
export const MAX_HTML_CHARACTERS = 16 * 1024 * 1024
/** Elements in elements. Written pages have a few dozen levels. */
export const MAX_HTML_DEPTH = 400
/** What the files in a .docx may come to unpacked, and how many there may be. */
export const MAX_UNPACKED_BYTES = 256 * 1024 * 1024
export const MAX_ZIP_ENTRIES = 10_000
export const CONVERT_SECONDS = 120
export const CONVERT_HEAP_MIB = 1024
