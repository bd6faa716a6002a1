#!/usr/bin/env bash
# Serves the board on a port of its own and pictures every page in screenshots/.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly PORT=${PORT:-8599}

.venv/bin/streamlit run streamlit_app.py --server.headless true --server.address 127.0.0.1 \
    --server.port "$PORT" >/dev/null &
server=$!
trap 'kill "$server"' EXIT
for _ in $(seq 60); do
    if .venv/bin/python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$PORT/_stcore/health')" 2>/dev/null; then
        .venv/bin/python -m tests.browser.screenshots "http://127.0.0.1:$PORT"
        exit
    fi
    sleep 0.5
done
echo "The board did not start within half a minute on port $PORT." >&2
exit 1
