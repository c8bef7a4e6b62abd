-- Prompts of scripts that do not part words by spaces are looked through for what lies inside a word: from an index of
-- their own, which holds all that lists filter by. Thai and Lao, Burmese, Khmer, Chinese and Japanese with their rarer
-- signs; search.ts has the same ranges.

ALTER TABLE compositions ADD COLUMN unspaced INTEGER GENERATED ALWAYS AS (
  prompt GLOB '*[' || char(
    0x0E01, 0x2D, 0x0EDF, 0x1000, 0x2D, 0x109F, 0x1780, 0x2D, 0x17FF, 0x2E80, 0x2D, 0xA4CF,
    0xF900, 0x2D, 0xFAFF, 0xFF66, 0x2D, 0xFF9F, 0x20000, 0x2D, 0x3FFFF) || ']*') VIRTUAL;
CREATE INDEX compositions_unspaced ON compositions (trashed_at, key, rating, model_id, way, prompt) WHERE unspaced;
