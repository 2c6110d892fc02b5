/**
 * The index's tables. Each string takes the database one version further; released ones are never changed.
 * Text offsets count UTF-16 code units of a version's normalised text. Digests are hex SHA-256. Times are ISO 8601.
 */
const FIRST = `
CREATE TABLE models (
  id TEXT PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  facts TEXT NOT NULL, -- JSON
  stamp TEXT NOT NULL, -- size and time of the file
  added_at TEXT NOT NULL,
  is_default INTEGER NOT NULL DEFAULT 0,
  bundled INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  model TEXT NOT NULL,
  sample INTEGER NOT NULL DEFAULT 0,
  suggestions TEXT NOT NULL DEFAULT '[]', -- JSON
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE documents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  set_id INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
  origin TEXT NOT NULL, -- tells a re-import from another document
  source TEXT NOT NULL, -- as given
  format TEXT NOT NULL CHECK (format IN ('markdown', 'text')),
  UNIQUE (set_id, origin)
) STRICT;

CREATE TABLE versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  is_current INTEGER NOT NULL,
  digest TEXT NOT NULL, -- of the bytes as they came
  bytes INTEGER NOT NULL,
  title TEXT NOT NULL,
  imported_at TEXT NOT NULL,
  body TEXT NOT NULL, -- normalised text
  UNIQUE (document_id, number)
) STRICT;
CREATE UNIQUE INDEX versions_current ON versions (document_id) WHERE is_current = 1;

CREATE TABLE sections (
  version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, -- from 1
  title TEXT NOT NULL,
  level INTEGER NOT NULL,
  start_at INTEGER NOT NULL,
  end_at INTEGER NOT NULL,
  PRIMARY KEY (version_id, ordinal)
) STRICT;

-- A row says that the version's chunks for this tokenizer are all there.
CREATE TABLE chunkings (
  version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  tokenizer TEXT NOT NULL,
  PRIMARY KEY (version_id, tokenizer)
) STRICT, WITHOUT ROWID;

CREATE TABLE chunks (
  version_id INTEGER NOT NULL,
  tokenizer TEXT NOT NULL,
  position INTEGER NOT NULL, -- in the document, from 0
  section INTEGER NOT NULL,
  ordinal INTEGER NOT NULL, -- in its section, from 1
  start_at INTEGER NOT NULL,
  end_at INTEGER NOT NULL,
  token_digest TEXT NOT NULL,
  token_count INTEGER NOT NULL,
  preview TEXT NOT NULL,
  tokens BLOB NOT NULL, -- little-endian i32
  PRIMARY KEY (version_id, tokenizer, position),
  FOREIGN KEY (version_id, tokenizer) REFERENCES chunkings (version_id, tokenizer) ON DELETE CASCADE
) STRICT;

-- Token ids of the chat templates' prefixes, so that states can be shown before a model is loaded.
CREATE TABLE prefixes (
  tokenizer TEXT NOT NULL,
  text_digest TEXT NOT NULL,
  tokens BLOB NOT NULL,
  PRIMARY KEY (tokenizer, text_digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
  key TEXT PRIMARY KEY,
  model TEXT NOT NULL, -- fingerprint
  kind TEXT NOT NULL CHECK (kind IN ('bos', 'prefix', 'document')),
  chain TEXT NOT NULL, -- digest of what stood in front
  token_digest TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  profile TEXT NOT NULL,
  object TEXT NOT NULL, -- digest of the file
  bytes INTEGER NOT NULL,
  compute_ms REAL NOT NULL,
  created_at TEXT NOT NULL,
  used_at TEXT,
  hits INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_text ON entries (token_digest, model);
CREATE INDEX entries_object ON entries (object);

CREATE TABLE quarantine (
  key TEXT PRIMARY KEY,
  object TEXT NOT NULL,
  why TEXT NOT NULL,
  found_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What happened in one query. No foreign keys: history outlives sets, documents and models.
CREATE TABLE queries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  asked_at TEXT NOT NULL,
  set_id TEXT NOT NULL,
  model TEXT NOT NULL,
  strategy TEXT NOT NULL,
  question TEXT NOT NULL,
  ttft_ms REAL NOT NULL,
  knowledge_tokens INTEGER NOT NULL,
  question_tokens INTEGER NOT NULL,
  reused_tokens INTEGER NOT NULL,
  computed_tokens INTEGER NOT NULL,
  bytes_read INTEGER NOT NULL,
  generated_tokens INTEGER NOT NULL
) STRICT;

CREATE TABLE query_chunks (
  query_id INTEGER NOT NULL REFERENCES queries (id) ON DELETE CASCADE,
  at INTEGER NOT NULL, -- order in the context, from 0
  node TEXT NOT NULL,
  token_digest TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  variant TEXT, -- of a hit
  reason TEXT, -- of a miss, or why a hit is a poorer one
  PRIMARY KEY (query_id, at)
) STRICT, WITHOUT ROWID;
`

/** Variants behind a document's included chunks, scores of tokens, and what was found out about models. */
const SECOND = `
ALTER TABLE entries RENAME TO entries_first;
DROP INDEX entries_text;
DROP INDEX entries_object;
CREATE TABLE entries (
  key TEXT PRIMARY KEY,
  model TEXT NOT NULL, -- fingerprint
  kind TEXT NOT NULL CHECK (kind IN ('bos', 'prefix', 'document', 'tail')),
  chain TEXT NOT NULL, -- digest of what stood in front
  token_digest TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  profile TEXT NOT NULL,
  object TEXT NOT NULL, -- digest of the file
  bytes INTEGER NOT NULL,
  compute_ms REAL NOT NULL,
  created_at TEXT NOT NULL,
  used_at TEXT,
  hits INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO entries SELECT * FROM entries_first;
DROP TABLE entries_first;
CREATE INDEX entries_text ON entries (token_digest, model);
CREATE INDEX entries_object ON entries (object);

-- How far each token of a variant is from the same token in the isolated variant: little-endian f32 per token.
CREATE TABLE scores (
  key TEXT PRIMARY KEY, -- of the variant behind something
  k BLOB NOT NULL,
  v BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The gate's verdict on a model, per version of the engine and device.
CREATE TABLE model_checks (
  model TEXT NOT NULL, -- fingerprint
  engine TEXT NOT NULL,
  device TEXT NOT NULL,
  verdict TEXT NOT NULL, -- JSON
  checked_at TEXT NOT NULL,
  PRIMARY KEY (model, engine, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE calibrations (
  model TEXT NOT NULL, -- fingerprint
  set_id TEXT NOT NULL, -- '' for any set
  value TEXT NOT NULL, -- JSON
  made_at TEXT NOT NULL,
  PRIMARY KEY (model, set_id)
) STRICT, WITHOUT ROWID;
`

/**
 * More kinds of documents, where their pages begin, full-text search, and folders. The column is replaced, not the table: dropping a table would
 * delete what refers to it.
 */
const DOCUMENTS = `
ALTER TABLE documents ADD COLUMN kind TEXT NOT NULL DEFAULT 'text'
  CHECK (kind IN ('markdown', 'text', 'pdf', 'docx', 'html'));
UPDATE documents SET kind = format;
ALTER TABLE documents DROP COLUMN format;
ALTER TABLE documents RENAME COLUMN kind TO format;

-- From start_at on, up to the next row's, a version's text stands on this page of its file.
CREATE TABLE places (
  version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  start_at INTEGER NOT NULL,
  page INTEGER NOT NULL, -- from 1
  PRIMARY KEY (version_id, start_at)
) STRICT, WITHOUT ROWID;

-- Chunks of current versions that full-text search finds; all of a version's at once.
CREATE TABLE passages (
  id INTEGER PRIMARY KEY,
  version_id INTEGER NOT NULL,
  tokenizer TEXT NOT NULL,
  position INTEGER NOT NULL, -- of the chunk
  UNIQUE (version_id, tokenizer, position),
  FOREIGN KEY (version_id, tokenizer) REFERENCES chunkings (version_id, tokenizer) ON DELETE CASCADE
) STRICT;
-- Their terms as retrieval/terms.ts makes them, parted by blanks; rowid is the passage's id.
CREATE VIRTUAL TABLE passage_terms USING fts5 (
  title, heading, body, content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE TRIGGER passages_deleted AFTER DELETE ON passages BEGIN
  DELETE FROM passage_terms WHERE rowid = old.id;
END;
CREATE TRIGGER versions_replaced AFTER UPDATE OF is_current ON versions WHEN new.is_current = 0 BEGIN
  DELETE FROM passages WHERE version_id = new.id;
END;

-- Folders that a set is kept in step with.
CREATE TABLE folders (
  set_id INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
  path TEXT NOT NULL, -- absolute
  PRIMARY KEY (set_id, path)
) STRICT, WITHOUT ROWID;
`

export const MIGRATIONS: readonly string[] = [FIRST, SECOND, DOCUMENTS]
