-- What the composition previews of a version show beside the concept: "backpack". Absent where there are none.

ALTER TABLE concept_versions ADD COLUMN preview_object TEXT;
