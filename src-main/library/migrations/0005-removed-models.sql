-- Who a model was that was removed: added again, it is the one that trainings and pictures name.

CREATE TABLE removed_models (
  path TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
