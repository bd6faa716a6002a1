#!/usr/bin/env bash
# Sees to what the browser tests need: Chromium, and fonts with Chinese characters.
set -euo pipefail
cd "$(dirname "$0")/.."

needed=()
[ -x /usr/bin/chromium ] || needed+=(chromium)
[ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ] || needed+=(fonts-noto-cjk)
[ ${#needed[@]} -eq 0 ] || scripts/system.sh "${needed[@]}" || {
    echo "The tests that need no browser: make test-fast" >&2
    exit 1
}
