-- Concepts are ordered by the cosine to their class word, as the gauges show it: the rank among all words is 100 for
-- nearly every concept of the built-in model.

ALTER TABLE concepts ADD COLUMN class_cosine REAL;
UPDATE concepts SET class_cosine = json_extract(drift, '$.classCosine');
DROP INDEX concepts_drift;
CREATE INDEX concepts_drift ON concepts (class_cosine IS NULL, class_cosine DESC, key)
  WHERE trashed_at IS NULL;
ALTER TABLE concepts DROP COLUMN drift_percentile;
