DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gin') THEN
    RAISE NOTICE 'this server has no btree_gin: filters with ~ will go on looking at the rows of all sources';
  ELSE
    CREATE EXTENSION IF NOT EXISTS btree_gin;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'this role may not create btree_gin: filters with ~ will go on looking at the rows of all sources';
END $$;

-- Readers have the index before until the new one is there; the last two steps take a moment.
DO $$ BEGIN
  IF (SELECT count(*) FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod WHERE a.amname = 'gin'
      AND o.opcname IN ('gin_trgm_ops', 'text_ops') AND pg_opclass_is_visible(o.oid)) < 2 THEN
    RETURN;
  END IF;
  IF to_regclass('classes_searched') IS NOT NULL THEN
    CREATE INDEX classes_searched_by_source ON classes USING gin (source, "title" gin_trgm_ops);
    DROP INDEX classes_searched;
    ALTER INDEX classes_searched_by_source RENAME TO classes_searched;
  END IF;
  IF to_regclass('users_searched') IS NOT NULL THEN
    CREATE INDEX users_searched_by_source ON users USING gin (source, "username" gin_trgm_ops, "given_name" gin_trgm_ops, "family_name" gin_trgm_ops, "email" gin_trgm_ops);
    DROP INDEX users_searched;
    ALTER INDEX users_searched_by_source RENAME TO users_searched;
  END IF;
END $$;
