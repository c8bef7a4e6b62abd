-- Of a concept that another program trained, nobody may know the steps.

ALTER TABLE concept_versions ALTER COLUMN steps DROP NOT NULL;
