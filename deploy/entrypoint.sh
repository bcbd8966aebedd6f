#!/bin/sh
# The database's password from a file, as the product's own secrets are: libpq reads it from PGPASSWORD only.
set -eu
if [ -n "${PGPASSWORD_FILE:-}" ]; then
    if [ -n "${PGPASSWORD:-}" ]; then
        echo "PGPASSWORD is set, and so is PGPASSWORD_FILE; keep one of them" >&2
        exit 2
    fi
    if [ ! -r "$PGPASSWORD_FILE" ]; then
        echo "PGPASSWORD_FILE: $PGPASSWORD_FILE can't be read" >&2
        exit 2
    fi
    PGPASSWORD=$(cat "$PGPASSWORD_FILE")
    export PGPASSWORD
fi
exec "$@"
