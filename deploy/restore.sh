#!/bin/sh
# Restores an installation under compose from a backup; it needs a shell and `docker compose` alone.
#
#   sh deploy/restore.sh --key microgov.key                     the newest backup in deploy/backups, onto an empty machine
#   sh deploy/restore.sh --key microgov.key --to donghu:1234 --replace
#
# The key is looked for in the present folder; MICROGOV_BACKUPS names another folder of backups. Stop everything first
# (docker compose -f deploy/compose.yaml stop). Options: docker compose -f deploy/compose.yaml run --rm restore --help
set -eu
deploy=$(cd "$(dirname "$0")" && pwd)
compose() { docker compose -f "$deploy/compose.yaml" "$@"; }

if [ ! -s "$deploy/secrets/postgres" ]; then # PostgreSQL begins with this password
    compose run --rm --no-deps -v "$PWD:/files" restore --password-only "$@"
fi
compose up --detach --wait postgres
compose run --rm --no-deps -v "$PWD:/files" restore "$@"
