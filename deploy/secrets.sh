#!/bin/sh
# Makes what compose.yaml reads as secrets, once: sh deploy/secrets.sh HOST [FOLDER]
# HOST is the name that clients use. Files that exist are left alone: put a real tls.crt and tls.key there, before or
# after. The folder is for its owner only; the files in it can be read by the containers' users.
set -eu

[ $# -ge 1 ] || { echo "usage: sh deploy/secrets.sh HOST [FOLDER]" >&2; exit 2; }
command -v openssl >/dev/null || { echo "openssl is needed: install it (on Debian and Ubuntu: apt install openssl)" >&2; exit 3; }
host=$1
folder=${2:-$(dirname "$0")/secrets}

mkdir -p "$folder"
chmod 0700 "$folder"
cd "$folder"

new() { [ ! -e "$1" ]; }
put() { umask 0077; cat > "$1.new"; chmod 0444 "$1.new"; mv "$1.new" "$1"; echo "made $folder/$1"; }
random() { openssl rand -hex 24; }
url() {  # its file, the user, whose password, the database
  if new "$1"; then echo "postgresql://$2:$(cat "$3-password")@postgres:5432/$4" | put "$1"; fi
}

# PostgreSQL's superuser, and the users that deploy/postgres/init.sh makes.
for name in postgres owner sync reader dump exporter; do
  if new "$name-password"; then random | put "$name-password"; fi
done
url owner-url rosterhub owner rosterhub
url database-url rosterhub_sync sync rosterhub
url api-database-url rosterhub_reader reader rosterhub
url backup-database-url rosterhub_dump dump rosterhub
url dagster-url rosterhub_sync sync rosterhub_dagster
new token-key && random | put token-key
new grafana-password && random | put grafana-password

if new dagster.htpasswd; then
  random | put dagster-password
  echo "operator:$(openssl passwd -apr1 -stdin < dagster-password)" | put dagster.htpasswd
fi

if new tls.crt && new tls.key; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=$host" \
    -addext "subjectAltName=DNS:$host,IP:127.0.0.1" -keyout key.new -out crt.new 2>/dev/null
  put tls.key < key.new
  put tls.crt < crt.new
  rm key.new crt.new
  echo "tls.crt is signed by itself: clients will not trust it. Replace it and tls.key by real ones."
fi
