#!/usr/bin/env bash
# Builds the demo company where there are no books yet, and their ledger where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."

home=$(.venv/bin/python -c 'from core import settings; print(settings.load().home)')
if [ ! -d "$home/versions/_delta_log" ]; then
    echo "No books in $home yet: building the demo company"
    .venv/bin/regulars demo
fi
if [ ! -d "$home/refreshes/_delta_log" ]; then
    .venv/bin/regulars refresh
fi
