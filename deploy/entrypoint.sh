#!/bin/sh
# Read the database's password from a file, like the monitor's own secrets. libpq only reads PGPASSWORD.
set -eu
if [ -n "${PGPASSWORD_FILE:-}" ]; then
    if [ -n "${PGPASSWORD:-}" ]; then
        echo "PGPASSWORD and PGPASSWORD_FILE are both set; keep one of them" >&2
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
