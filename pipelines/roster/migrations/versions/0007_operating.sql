CREATE TABLE run_states (
  job text NOT NULL,
  status text NOT NULL,
  runs bigint NOT NULL,
  told_at timestamptz NOT NULL,
  PRIMARY KEY (job, status)
);
CREATE TABLE last_runs (
  job text NOT NULL,
  source text COLLATE "C" NOT NULL,
  status text NOT NULL,
  run_id text NOT NULL,
  ended_at timestamptz NOT NULL,
  seconds double precision NOT NULL,
  PRIMARY KEY (job, source)
);
CREATE TABLE maintenance (
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  reason text NOT NULL,
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one)
);
GRANT SELECT ON run_states, last_runs, maintenance TO rosterhub_api;
GRANT SELECT (source, entity) ON waiting_rows TO rosterhub_api;
