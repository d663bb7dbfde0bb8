CREATE TABLE changes (
  source text COLLATE "C" NOT NULL,
  generation bigint NOT NULL,
  part integer NOT NULL,
  publication_id bigint NOT NULL
    REFERENCES publications ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  entity text NOT NULL,
  kind text NOT NULL,
  ids text[] COLLATE "C" NOT NULL,
  records integer NOT NULL GENERATED ALWAYS AS (cardinality(ids)) STORED,
  PRIMARY KEY (source, generation, part)
);
GRANT SELECT ON changes TO rosterhub_api;
