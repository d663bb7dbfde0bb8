#!/bin/sh
# prometheus, promtool and amtool out of Debian's packages into a folder of programs: no registry of wheels has them.
# Nothing is installed on the machine. Where apt is not, it says so, and what needs them is not validated.
#   sh deploy/validation/monitoring_tools.sh .venv/bin
set -eu
programs=$(cd "$1" && pwd)
packages="prometheus prometheus-alertmanager"

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "promtool and amtool come from Debian's packages, and apt is not here: deploy/monitoring is validated in part"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# shellcheck disable=SC2086 # the packages are words
download() { apt-get download --quiet --quiet $packages 2>/dev/null; }
# A new machine has no list of packages, and only root may fetch one.
if ! download && ! { apt-get update --quiet --quiet && download; }; then
  echo "apt-get could not download $packages: deploy/monitoring is validated in part"
  exit 0
fi
for package in *.deb; do
  dpkg-deb --extract "$package" .
done
install -m 755 usr/bin/prometheus usr/bin/promtool usr/bin/amtool "$programs"
