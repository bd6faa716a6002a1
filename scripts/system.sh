#!/usr/bin/env bash
# Installs Debian packages that are missing; says what to do where it may not.
set -euo pipefail

missing=()
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

refuse() {
    echo "$1 Install ${missing[*]} by hand and run the same command again." >&2
    exit 1
}

command -v apt-get >/dev/null || refuse "There is no apt-get here to install ${missing[*]} with."
as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || refuse "Installing ${missing[*]} takes root, and there is no sudo here."
    as_root=(sudo)
fi
log=$(mktemp)
echo "Installing ${missing[*]} (apt-get)"
if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    refuse "apt-get could not install ${missing[*]}; its last words are above, the whole in $log."
fi
rm -f "$log"
