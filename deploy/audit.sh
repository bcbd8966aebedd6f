#!/bin/sh
# Are there known vulnerabilities in the locked versions? Exit status: 0 none, 1 some, 2 could not ask.
#
# pip-audit also exits with 0 where its database gave no answer, as behind a mirror of the package index. So it is first
# asked about a release whose vulnerabilities are known for years: where it does not find those, nobody answered.
set -u
cd "$(dirname "$0")/.." || exit 2
canary=$(mktemp)
trap 'rm -f "$canary"' EXIT
echo "jinja2==2.4.1" >"$canary"
pip-audit --progress-spinner off --disable-pip --no-deps --requirement "$canary" >/dev/null 2>&1
if [ $? -ne 1 ]; then
    echo "could not ask: pip-audit finds nothing in jinja2 2.4.1, whose vulnerabilities are known" >&2
    exit 2
fi
pip-audit --progress-spinner off --disable-pip --no-deps --strict --requirement constraints.txt
