-- The library's first tables. Files are named by their SHA-256 and lie beside the database; every column that names one
-- references `blobs` and is indexed, so that the database itself refuses to forget a file that some row needs.
-- Lists are in the order of `key`, which is the order of making. Times are milliseconds since 1970. JSON is in TEXT.

PRAGMA application_id = 0x54455353;

CREATE TABLE blobs (
  hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  kept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  built_in INTEGER NOT NULL CHECK (built_in IN (0, 1)),
  added_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  modified_at REAL NOT NULL,
  inspection TEXT NOT NULL CHECK (json_valid(inspection))
) STRICT;

CREATE TABLE concepts (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  token TEXT NOT NULL,
  class_word TEXT NOT NULL,
  notes TEXT NOT NULL,
  -- a JSON list, in the user's order; also in concept_tags
  tags TEXT NOT NULL CHECK (json_valid(tags)),
  -- the name without case and accents
  sort_name TEXT NOT NULL,
  favourite INTEGER NOT NULL CHECK (favourite IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  trashed_at INTEGER,
  versions INTEGER NOT NULL DEFAULT 0,
  -- of the newest version, for lists
  cover TEXT REFERENCES blobs (hash),
  method TEXT,
  variant TEXT,
  family TEXT,
  drift TEXT CHECK (drift IS NULL OR json_valid(drift)),
  drift_percentile REAL
) STRICT;

CREATE UNIQUE INDEX concepts_token ON concepts (token) WHERE trashed_at IS NULL;
CREATE INDEX concepts_name ON concepts (sort_name, key) WHERE trashed_at IS NULL;
CREATE INDEX concepts_updated ON concepts (updated_at DESC, key DESC) WHERE trashed_at IS NULL;
CREATE INDEX concepts_drift ON concepts (drift_percentile IS NULL, drift_percentile, key)
  WHERE trashed_at IS NULL;
CREATE INDEX concepts_kept ON concepts (favourite, method) WHERE trashed_at IS NULL;
CREATE INDEX concepts_trashed ON concepts (trashed_at) WHERE trashed_at IS NOT NULL;
CREATE INDEX concepts_cover ON concepts (cover);

CREATE TABLE concept_tags (
  tag TEXT NOT NULL,
  concept_key INTEGER NOT NULL REFERENCES concepts (key) ON DELETE CASCADE,
  PRIMARY KEY (tag, concept_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX concept_tags_concept ON concept_tags (concept_key);

CREATE VIRTUAL TABLE concept_search USING fts5 (
  name, token, class_word, notes, tags,
  content = 'concepts', content_rowid = 'key',
  tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

CREATE TRIGGER concepts_inserted AFTER INSERT ON concepts BEGIN
  INSERT INTO concept_search (rowid, name, token, class_word, notes, tags)
    VALUES (new.key, new.name, new.token, new.class_word, new.notes, new.tags);
END;

CREATE TRIGGER concepts_deleted AFTER DELETE ON concepts BEGIN
  INSERT INTO concept_search (concept_search, rowid, name, token, class_word, notes, tags)
    VALUES ('delete', old.key, old.name, old.token, old.class_word, old.notes, old.tags);
END;

CREATE TRIGGER concepts_changed AFTER UPDATE OF name, token, class_word, notes, tags ON concepts BEGIN
  INSERT INTO concept_search (concept_search, rowid, name, token, class_word, notes, tags)
    VALUES ('delete', old.key, old.name, old.token, old.class_word, old.notes, old.tags);
  INSERT INTO concept_search (rowid, name, token, class_word, notes, tags)
    VALUES (new.key, new.name, new.token, new.class_word, new.notes, new.tags);
END;

CREATE TABLE concept_versions (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  concept_key INTEGER NOT NULL REFERENCES concepts (key) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number > 0),
  created_at INTEGER NOT NULL,
  parent_id TEXT REFERENCES concept_versions (id) ON DELETE SET NULL,
  variant TEXT NOT NULL,
  method TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES blobs (hash),
  model_id TEXT REFERENCES models (id) ON DELETE SET NULL,
  model_name TEXT NOT NULL,
  family TEXT NOT NULL,
  settings TEXT CHECK (settings IS NULL OR json_valid(settings)),
  engine_version TEXT NOT NULL,
  vectors INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  loss REAL,
  drift TEXT CHECK (drift IS NULL OR json_valid(drift)),
  anchors TEXT NOT NULL CHECK (json_valid(anchors)),
  seconds REAL,
  history TEXT CHECK (history IS NULL OR json_valid(history)),
  cover TEXT REFERENCES blobs (hash),
  UNIQUE (concept_key, number)
) STRICT;

CREATE INDEX concept_versions_parent ON concept_versions (parent_id);
CREATE INDEX concept_versions_model ON concept_versions (model_id);
CREATE INDEX concept_versions_file ON concept_versions (file);
CREATE INDEX concept_versions_cover ON concept_versions (cover);

CREATE TABLE version_photos (
  version_key INTEGER NOT NULL REFERENCES concept_versions (key) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  blob TEXT NOT NULL REFERENCES blobs (hash),
  thumbnail TEXT NOT NULL REFERENCES blobs (hash),
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  crop_left INTEGER NOT NULL,
  crop_top INTEGER NOT NULL,
  crop_side INTEGER NOT NULL,
  mask TEXT REFERENCES blobs (hash),
  caption_suffix TEXT NOT NULL,
  PRIMARY KEY (version_key, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX version_photos_blob ON version_photos (blob);
CREATE INDEX version_photos_thumbnail ON version_photos (thumbnail);
CREATE INDEX version_photos_mask ON version_photos (mask);

CREATE TABLE version_previews (
  version_key INTEGER NOT NULL REFERENCES concept_versions (key) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  plain TEXT NOT NULL REFERENCES blobs (hash),
  composition TEXT NOT NULL REFERENCES blobs (hash),
  concept TEXT REFERENCES blobs (hash),
  PRIMARY KEY (version_key, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX version_previews_plain ON version_previews (plain);
CREATE INDEX version_previews_composition ON version_previews (composition);
CREATE INDEX version_previews_concept ON version_previews (concept);

-- where a concept stood: its rows as little-endian float32
CREATE TABLE version_path (
  version_key INTEGER NOT NULL REFERENCES concept_versions (key) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  rows BLOB NOT NULL CHECK (length(rows) % 4 = 0),
  UNIQUE (version_key, step)
) STRICT;

CREATE TABLE jobs (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL,
  priority INTEGER NOT NULL,
  device TEXT NOT NULL,
  concept_key INTEGER REFERENCES concepts (key) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  request TEXT NOT NULL CHECK (json_valid(request)),
  progress TEXT CHECK (progress IS NULL OR json_valid(progress)),
  notes TEXT NOT NULL CHECK (json_valid(notes)),
  error TEXT CHECK (error IS NULL OR json_valid(error))
) STRICT;

CREATE INDEX jobs_concept ON jobs (concept_key);
CREATE INDEX jobs_queue ON jobs (state, device, priority DESC, key);

-- files that a job's request names
CREATE TABLE job_files (
  job_key INTEGER NOT NULL REFERENCES jobs (key) ON DELETE CASCADE,
  hash TEXT NOT NULL REFERENCES blobs (hash),
  PRIMARY KEY (job_key, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_files_hash ON job_files (hash);

CREATE TABLE training_runs (
  key INTEGER PRIMARY KEY,
  job_key INTEGER NOT NULL REFERENCES jobs (key) ON DELETE CASCADE,
  variant TEXT NOT NULL,
  anchors TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(anchors)),
  version_id TEXT REFERENCES concept_versions (id) ON DELETE SET NULL,
  UNIQUE (job_key, variant)
) STRICT;

CREATE INDEX training_runs_version ON training_runs (version_id);

CREATE TABLE training_steps (
  run_key INTEGER NOT NULL REFERENCES training_runs (key) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  figures TEXT NOT NULL CHECK (json_valid(figures)),
  PRIMARY KEY (run_key, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE training_previews (
  run_key INTEGER NOT NULL REFERENCES training_runs (key) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  plain TEXT NOT NULL REFERENCES blobs (hash),
  composition TEXT NOT NULL REFERENCES blobs (hash),
  concept TEXT REFERENCES blobs (hash),
  PRIMARY KEY (run_key, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX training_previews_plain ON training_previews (plain);
CREATE INDEX training_previews_composition ON training_previews (composition);
CREATE INDEX training_previews_concept ON training_previews (concept);

CREATE TABLE training_path (
  run_key INTEGER NOT NULL REFERENCES training_runs (key) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  rows BLOB NOT NULL CHECK (length(rows) % 4 = 0),
  UNIQUE (run_key, step)
) STRICT;

CREATE TABLE compositions (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  trashed_at INTEGER,
  rating INTEGER NOT NULL CHECK (rating BETWEEN 0 AND 5),
  way TEXT,
  comparison_id TEXT,
  -- not a reference: a picture outlives the library's knowledge of its model
  model_id TEXT NOT NULL,
  model_name TEXT NOT NULL,
  picture TEXT NOT NULL REFERENCES blobs (hash),
  thumbnail TEXT NOT NULL REFERENCES blobs (hash),
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  layout TEXT CHECK (layout IS NULL OR json_valid(layout)),
  drifts TEXT NOT NULL CHECK (json_valid(drifts)),
  evaluation TEXT CHECK (evaluation IS NULL OR json_valid(evaluation)),
  seconds REAL NOT NULL,
  -- what lists filter by, as words for the full-text search: filtering its many hits afterwards would take long
  facets TEXT NOT NULL GENERATED ALWAYS AS (
    iif(trashed_at IS NULL, 'kept', 'trashed') || ' r' || rating || ' m' || replace(model_id, '-', '')
    || iif(way IS NULL, '', ' w' || way)) VIRTUAL
) STRICT;

-- holds all that lists filter by, so that they never read the rows themselves but for those that they show
CREATE INDEX compositions_filter ON compositions (trashed_at, key, rating, model_id, way);
CREATE INDEX compositions_comparison ON compositions (comparison_id, way);
CREATE INDEX compositions_picture ON compositions (picture);
CREATE INDEX compositions_thumbnail ON compositions (thumbnail);

-- deflated JSON: heat maps over time are most of a composition's bytes, and only its own page shows them
CREATE TABLE composition_attention (
  composition_key INTEGER PRIMARY KEY REFERENCES compositions (key) ON DELETE CASCADE,
  deflated BLOB NOT NULL
) STRICT;

CREATE TABLE composition_concepts (
  concept_key INTEGER NOT NULL REFERENCES concepts (key) ON DELETE CASCADE,
  composition_key INTEGER NOT NULL REFERENCES compositions (key) ON DELETE CASCADE,
  PRIMARY KEY (concept_key, composition_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX composition_concepts_composition ON composition_concepts (composition_key);

CREATE VIRTUAL TABLE composition_search USING fts5 (
  prompt, facets,
  content = 'compositions', content_rowid = 'key',
  tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

CREATE TRIGGER compositions_inserted AFTER INSERT ON compositions BEGIN
  INSERT INTO composition_search (rowid, prompt, facets) VALUES (new.key, new.prompt, new.facets);
END;

CREATE TRIGGER compositions_deleted AFTER DELETE ON compositions BEGIN
  INSERT INTO composition_search (composition_search, rowid, prompt, facets)
    VALUES ('delete', old.key, old.prompt, old.facets);
END;

CREATE TRIGGER compositions_changed AFTER UPDATE OF trashed_at, rating ON compositions BEGIN
  INSERT INTO composition_search (composition_search, rowid, prompt, facets)
    VALUES ('delete', old.key, old.prompt, old.facets);
  INSERT INTO composition_search (rowid, prompt, facets) VALUES (new.key, new.prompt, new.facets);
END;

CREATE TABLE priors (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  prior TEXT NOT NULL CHECK (json_valid(prior))
) STRICT;

-- one vote for a pair of a comparison's ways; `first` comes before `second` in the order of the four ways
CREATE TABLE votes (
  comparison_id TEXT NOT NULL,
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  winner TEXT NOT NULL CHECK (winner IN ('first', 'second', 'neither')),
  voted_at INTEGER NOT NULL,
  PRIMARY KEY (comparison_id, first, second)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

CREATE TABLE self_tests (
  device TEXT NOT NULL PRIMARY KEY,
  result TEXT NOT NULL CHECK (json_valid(result))
) STRICT, WITHOUT ROWID;

CREATE TABLE training_speeds (
  device TEXT NOT NULL,
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  pictures INTEGER NOT NULL,
  seconds_per_step REAL NOT NULL,
  memory REAL NOT NULL,
  measured_at INTEGER NOT NULL,
  PRIMARY KEY (device, model_id, method, width, height, pictures)
) STRICT, WITHOUT ROWID;

CREATE INDEX training_speeds_model ON training_speeds (model_id);
