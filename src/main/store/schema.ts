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

/** One cache in several profiles, codebooks, pins, trash, quota, and why a cache is gone. */
const THIRD = `
ALTER TABLE entries RENAME TO entries_second;
DROP INDEX entries_text;
DROP INDEX entries_object;
CREATE TABLE entries (
  key TEXT PRIMARY KEY,
  model TEXT NOT NULL, -- fingerprint
  kind TEXT NOT NULL CHECK (kind IN ('bos', 'prefix', 'document', 'tail')),
  chain TEXT NOT NULL, -- digest of what stood in front
  token_digest TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  compute_ms REAL NOT NULL,
  created_at TEXT NOT NULL,
  used_at TEXT,
  hits INTEGER NOT NULL DEFAULT 0,
  pinned INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_text ON entries (token_digest, model);

-- A cache's files. An entry without any is removed.
CREATE TABLE copies (
  key TEXT NOT NULL REFERENCES entries (key) ON DELETE CASCADE,
  profile TEXT NOT NULL,
  codebook TEXT NOT NULL, -- digest of its file; '' for f16
  object TEXT NOT NULL, -- digest of the file
  bytes INTEGER NOT NULL,
  made_at TEXT NOT NULL,
  temporary INTEGER NOT NULL, -- made only to be coded in another profile
  PRIMARY KEY (key, profile)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_object ON copies (object);
CREATE INDEX copies_codebook ON copies (codebook);

INSERT INTO entries (key, model, kind, chain, token_digest, tokens, compute_ms, created_at, used_at, hits)
  SELECT key, model, kind, chain, token_digest, tokens, compute_ms, created_at, used_at, hits FROM entries_second;
INSERT INTO copies (key, profile, codebook, object, bytes, made_at, temporary)
  SELECT key, profile, '', object, bytes, created_at, 0 FROM entries_second;
DROP TABLE entries_second;

CREATE TABLE codebooks (
  digest TEXT PRIMARY KEY,
  model TEXT NOT NULL, -- fingerprint
  profile TEXT NOT NULL,
  facts TEXT NOT NULL, -- JSON
  is_current INTEGER NOT NULL,
  made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX codebooks_current ON codebooks (model, profile) WHERE is_current = 1;

-- What a calibration of profiles tried, per model: the curve.
CREATE TABLE profile_calibrations (
  model TEXT PRIMARY KEY, -- fingerprint
  value TEXT NOT NULL, -- JSON
  made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE quarantine RENAME TO quarantine_second;
CREATE TABLE quarantine (
  key TEXT NOT NULL,
  profile TEXT NOT NULL,
  object TEXT NOT NULL,
  why TEXT NOT NULL,
  found_at TEXT NOT NULL,
  PRIMARY KEY (key, profile)
) STRICT, WITHOUT ROWID;
INSERT INTO quarantine SELECT key, 'f16', object, why, found_at FROM quarantine_second;
DROP TABLE quarantine_second;

-- Copies that were removed and can be brought back; their files stay until the trash is emptied.
CREATE TABLE trash (
  batch INTEGER NOT NULL,
  key TEXT NOT NULL,
  profile TEXT NOT NULL,
  object TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  entry TEXT NOT NULL, -- JSON of both rows
  trashed_at TEXT NOT NULL,
  PRIMARY KEY (batch, key, profile)
) STRICT, WITHOUT ROWID;
CREATE INDEX trash_object ON trash (object);

-- Caches that went to make room.
CREATE TABLE evicted (
  key TEXT PRIMARY KEY,
  evicted_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX chunks_text ON chunks (token_digest);
CREATE INDEX entries_recent ON entries (coalesce(used_at, created_at));

ALTER TABLE sets ADD COLUMN profile TEXT NOT NULL DEFAULT 'f16';
`

/**
 * Hit accounting. What was written before says nothing of tokens computed again: released versions computed none again.
 * Sums per day, so that reports need not read every chunk of every query.
 */
const HITS = `
ALTER TABLE queries ADD COLUMN recomputed_tokens INTEGER NOT NULL DEFAULT 0; -- of the reused ones
ALTER TABLE queries ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0; -- behind the first token; generated_tokens says nothing
ALTER TABLE queries ADD COLUMN chunks_so_far INTEGER NOT NULL DEFAULT 0; -- in all queries up to this one, since ever
UPDATE queries SET chunks_so_far = counted.so_far FROM (
  SELECT id, sum(count(query_id)) OVER (ORDER BY id) AS so_far
  FROM queries LEFT JOIN query_chunks ON query_id = id GROUP BY id
) AS counted WHERE counted.id = queries.id;
CREATE INDEX queries_asked ON queries (asked_at, set_id, knowledge_tokens, reused_tokens, recomputed_tokens);
CREATE INDEX queries_set ON queries (set_id, id);

-- A text at the place where a query found it.
CREATE TABLE places (
  id INTEGER PRIMARY KEY,
  set_id TEXT NOT NULL,
  node TEXT NOT NULL,
  token_digest TEXT NOT NULL,
  UNIQUE (set_id, node, token_digest)
) STRICT;
INSERT INTO places (set_id, node, token_digest)
  SELECT DISTINCT set_id, node, token_digest FROM query_chunks JOIN queries ON id = query_id;

ALTER TABLE query_chunks ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
ALTER TABLE query_chunks ADD COLUMN recomputed INTEGER NOT NULL DEFAULT 0; -- of a hit's tokens
UPDATE query_chunks SET place = (
  SELECT places.id FROM places JOIN queries ON places.set_id = queries.set_id
  WHERE queries.id = query_id AND places.node = query_chunks.node AND places.token_digest = query_chunks.token_digest);
ALTER TABLE query_chunks DROP COLUMN node;
ALTER TABLE query_chunks DROP COLUMN token_digest;
UPDATE query_chunks SET reason = CASE
  WHEN reason LIKE 'the variant behind its document%' THEN 'no-document'
  WHEN reason LIKE 'the variant behind the included parts%' THEN 'no-tail'
  WHEN reason LIKE 'its variants behind the document%' THEN 'no-document-nor-bos'
  WHEN reason LIKE 'its variants behind the included parts%' THEN 'no-tail-nor-bos'
  ELSE 'no-bos' END
WHERE variant IS NOT NULL AND reason IS NOT NULL;

-- Days are UTC: 2025-01-31. Of reused tokens those are part that were computed again.
CREATE TABLE place_days (
  place INTEGER NOT NULL REFERENCES places (id) ON DELETE CASCADE,
  day TEXT NOT NULL,
  times INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  reused INTEGER NOT NULL,
  recomputed INTEGER NOT NULL,
  PRIMARY KEY (place, day)
) STRICT, WITHOUT ROWID;
INSERT INTO place_days
  SELECT place, substr(asked_at, 1, 10), count(*), sum(tokens), sum(tokens * (variant IS NOT NULL)), 0
  FROM query_chunks JOIN queries ON id = query_id GROUP BY 1, 2;

CREATE TABLE reason_days (
  set_id TEXT NOT NULL,
  day TEXT NOT NULL,
  is_hit INTEGER NOT NULL,
  reason TEXT NOT NULL, -- '' of a hit in the best variant
  times INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  recomputed INTEGER NOT NULL,
  PRIMARY KEY (set_id, day, is_hit, reason)
) STRICT, WITHOUT ROWID;
INSERT INTO reason_days
  SELECT set_id, substr(asked_at, 1, 10), variant IS NOT NULL, coalesce(reason, ''), count(*), sum(tokens), 0
  FROM query_chunks JOIN queries ON id = query_id GROUP BY 1, 2, 3, 4;
`

/**
 * More kinds of documents, where their pages begin, full-text search, and folders. The column is replaced, not the table:
 * dropping a table would delete what refers to it.
 */
const DOCUMENTS = `
ALTER TABLE documents ADD COLUMN kind TEXT NOT NULL DEFAULT 'text'
  CHECK (kind IN ('markdown', 'text', 'pdf', 'docx', 'html'));
UPDATE documents SET kind = format;
ALTER TABLE documents DROP COLUMN format;
ALTER TABLE documents RENAME COLUMN kind TO format;

-- From start_at on, up to the next row's, a version's text stands on this page of its file.
CREATE TABLE pages (
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

/** What the window keeps and shows: preferences, selections with a name, whole queries and races, what was removed, work to go on with. */
const WINDOW = `
CREATE TABLE preferences (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

-- Selections of a set that were given a name.
CREATE TABLE selections (
  set_id INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL, -- JSON
  saved_at TEXT NOT NULL,
  PRIMARY KEY (set_id, name)
) STRICT, WITHOUT ROWID;

-- Of the newest queries that were answered whole all there is to show them again, and what they tell of speed.
CREATE TABLE query_records (
  query_id INTEGER PRIMARY KEY REFERENCES queries (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  device TEXT NOT NULL,
  request TEXT NOT NULL, -- JSON
  answer TEXT NOT NULL, -- JSON, its trace too
  tokens TEXT NOT NULL, -- JSON: ids of the answer's tokens
  speed TEXT NOT NULL -- JSON
) STRICT;
CREATE INDEX query_records_speed ON query_records (model, device);

CREATE TABLE races (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_at TEXT NOT NULL,
  set_id TEXT NOT NULL,
  question TEXT NOT NULL,
  summary TEXT NOT NULL, -- JSON
  events TEXT NOT NULL, -- JSON
  removed_at TEXT -- but not yet for good; null: there
) STRICT;

-- Removed, but not yet for good; null: there.
ALTER TABLE documents ADD COLUMN removed_at TEXT;
ALTER TABLE sets ADD COLUMN removed_at TEXT;
ALTER TABLE sets ADD COLUMN removed_name TEXT; -- what it was called: its name is free again

-- What became of a text in the questions that took it.
CREATE INDEX query_chunks_place ON query_chunks (place, query_id);

-- Keys that the caches of a version's chunks have for a model, so that a set of any size is shown without reading its
-- tokens. A row here says that they are all there.
CREATE TABLE keyings (
  version_id INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
  frame TEXT NOT NULL -- digest of the model and of what it puts in front
) STRICT;
CREATE TABLE chunk_keys (
  version_id INTEGER NOT NULL REFERENCES keyings (version_id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  section INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  token_digest TEXT NOT NULL,
  bos TEXT NOT NULL,
  prefix TEXT NOT NULL,
  document TEXT NOT NULL,
  best TEXT NOT NULL, -- one of the three
  PRIMARY KEY (version_id, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER versions_without_keys AFTER UPDATE OF is_current ON versions WHEN new.is_current = 0 BEGIN
  DELETE FROM keyings WHERE version_id = new.id;
END;

-- Of all copies, so that lists can be in order at once. REPLACE fires no trigger for what it replaces: counted anew.
ALTER TABLE entries ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN copies INTEGER NOT NULL DEFAULT 0;
UPDATE entries SET (bytes, copies) =
  (SELECT coalesce(sum(copies.bytes), 0), count(*) FROM copies WHERE copies.key = entries.key);
CREATE TRIGGER copies_made AFTER INSERT ON copies BEGIN
  UPDATE entries SET (bytes, copies) =
    (SELECT coalesce(sum(copies.bytes), 0), count(*) FROM copies WHERE copies.key = new.key) WHERE key = new.key;
END;
CREATE TRIGGER copies_gone AFTER DELETE ON copies BEGIN
  UPDATE entries SET (bytes, copies) =
    (SELECT coalesce(sum(copies.bytes), 0), count(*) FROM copies WHERE copies.key = old.key) WHERE key = old.key;
END;
-- When it was last used or made: a column, since SQLite reads every row for an index on an expression.
ALTER TABLE entries ADD COLUMN recent_at TEXT NOT NULL DEFAULT '';
UPDATE entries SET recent_at = coalesce(used_at, created_at);
CREATE TRIGGER entries_inserted AFTER INSERT ON entries BEGIN
  UPDATE entries SET recent_at = coalesce(new.used_at, new.created_at) WHERE key = new.key;
END;
CREATE TRIGGER entries_used AFTER UPDATE OF used_at, created_at ON entries BEGIN
  UPDATE entries SET recent_at = coalesce(new.used_at, new.created_at) WHERE key = new.key;
END;
DROP INDEX entries_recent;
CREATE INDEX entries_recent ON entries (recent_at);
CREATE INDEX entries_size ON entries (bytes);
CREATE INDEX entries_hits ON entries (hits);
CREATE INDEX entries_tokens ON entries (tokens);
CREATE INDEX entries_cost ON entries (compute_ms);
CREATE INDEX entries_made ON entries (created_at);

-- What a cache was whose last copy is damaged: JSON of its row.
ALTER TABLE quarantine ADD COLUMN entry TEXT;

CREATE INDEX places_text ON places (token_digest);

-- Of the reused ones: from engine memory, not from files.
ALTER TABLE queries ADD COLUMN memory_tokens INTEGER NOT NULL DEFAULT 0;
DROP INDEX queries_asked;
CREATE INDEX queries_asked ON queries
  (asked_at, set_id, knowledge_tokens, reused_tokens, recomputed_tokens, memory_tokens);

-- Jobs that have not ended, for the workbench that is opened next.
CREATE TABLE unfinished_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  spec TEXT NOT NULL, -- JSON: what starts it anew
  subject TEXT NOT NULL, -- JSON, for lists
  after_id INTEGER, -- of another one that has to end first
  position INTEGER NOT NULL,
  is_paused INTEGER NOT NULL,
  starts INTEGER NOT NULL, -- since the workbench was last closed properly
  owner TEXT -- the workbench that has it: machine:process:random; NULL: none
) STRICT;
`

/** Why a cache has gone: `evicted` to make room, `removed` by hand or a clean-up. */
const GONE = `
ALTER TABLE evicted ADD COLUMN reason TEXT NOT NULL DEFAULT 'evicted';
INSERT OR IGNORE INTO evicted (key, evicted_at, reason)
  SELECT key, max(trashed_at), 'removed' FROM trash
  WHERE NOT EXISTS (SELECT 1 FROM entries WHERE entries.key = trash.key) GROUP BY key;
`

export const MIGRATIONS: readonly string[] = [FIRST, SECOND, THIRD, HITS, DOCUMENTS, WINDOW, GONE]
