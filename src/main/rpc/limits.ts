/** What the carriers take from outside, in one place. */

/** One message of a page, whatever carries it. Holds one upload (`MAX_UPLOAD_CHARS`) with room for escapes. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024
/** A question with its history over `POST /v1/ask`. */
export const MAX_ASK_BYTES = 4 * 1024 * 1024
/** All texts of one `documents.addText` together. */
export const MAX_UPLOAD_CHARS = 24 * 1024 * 1024
/** Base64 of one piece of an uploaded file. */
export const MAX_PIECE_CHARS = 8 * 1024 * 1024
export const MAX_UPLOAD_FILES = 1000
/** Paths of one `documents.add`. */
export const MAX_PATHS = 10_000
/** Folders of one `documents.sync`. */
export const MAX_FOLDERS = 1000
export const MAX_PATH_CHARS = 32_767
export const MAX_NAME_CHARS = 200
/** Of a search. */
export const MAX_QUERY_CHARS = 10_000
export const MAX_CONNECTIONS = 64

/** Bytes waiting for a slow client from which on its subscriptions pause, and where they go on. */
export const PAUSE_BYTES = 1024 * 1024
export const RESUME_BYTES = 256 * 1024
/** Bytes waiting at which a client is cut off: it asked for more than it reads. */
export const CUT_OFF_BYTES = 128 * 1024 * 1024
/** A client that reads nothing for this long while bytes wait is cut off. */
export const STALLED_MS = 30_000

export const PING_MS = 15_000
export const PONG_WAIT_MS = 10_000
