#!/bin/sh
# Before a replica starts: without data yet, it takes a copy of the primary, and the standby's settings with it (-R).
# A copy that was interrupted is made anew. A replica that was promoted has data, and is left as it is. PGHOST is the
# primary.
set -eu
[ -s "$PGDATA/PG_VERSION" ] && [ ! -e "$PGDATA.partial" ] && exit 0
rm -rf "$PGDATA"
mkdir -p "$(dirname "$PGDATA")"
touch "$PGDATA.partial"
pg_basebackup --username "$POSTGRES_USER" --pgdata "$PGDATA" --write-recovery-conf --wal-method stream \
  --checkpoint fast
rm "$PGDATA.partial"
