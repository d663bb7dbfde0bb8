CREATE TABLE totals (
  source text COLLATE "C" NOT NULL,
  entity text NOT NULL,
  generation bigint NOT NULL,
  records bigint NOT NULL,
  PRIMARY KEY (source, entity)
);
GRANT SELECT ON totals TO rosterhub_api;
