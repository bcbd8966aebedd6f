#!/bin/sh
# Hand the database's password to libpq, from the file that a container gets. As a password file, it also reaches what
# `docker compose exec` starts later: health, `dagster instance migrate`.
set -eu
if [ -n "${PGPASSWORD_FILE:-}" ]; then
    if [ -n "${PGPASSWORD:-}" ]; then
        echo "PGPASSWORD and PGPASSWORD_FILE are both set; keep one of them" >&2
        exit 2
    fi
    # A FIFO would keep the process waiting for its writer.
    if [ ! -f "$PGPASSWORD_FILE" ] || [ ! -r "$PGPASSWORD_FILE" ] || [ ! -s "$PGPASSWORD_FILE" ]; then
        echo "PGPASSWORD_FILE: $PGPASSWORD_FILE is empty, or not a file that can be read" >&2
        exit 2
    fi
    umask 077
    printf '*:*:*:*:%s\n' "$(sed 's/[\\:]/\\&/g' "$PGPASSWORD_FILE")" >"$PGPASSFILE"
    umask 022
fi
exec "$@"
