-- Concepts are ordered by the length of their word, as the gauges show it: that is what tells trainings apart, while the
-- cosine to the class word is nearly the same with anchors and without (docs/results.md).

DROP INDEX concepts_drift;
ALTER TABLE concepts DROP COLUMN class_cosine;
ALTER TABLE concepts ADD COLUMN drift_length REAL GENERATED ALWAYS AS (json_extract(drift, '$.normRatio')) VIRTUAL;
CREATE INDEX concepts_drift ON concepts (drift_length IS NULL, drift_length, key) WHERE trashed_at IS NULL;
