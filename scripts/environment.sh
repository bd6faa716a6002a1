#!/usr/bin/env bash
# Makes .venv and brings it to the pins: of requirements.txt ("run"), or exactly to those and the
# ones for development ("test"). uv does it in seconds; pip does it where uv cannot be had or
# cannot reach packages that pip's own configuration finds.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly UV="uv==0.13.9"
what=${1:?run or test}

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3 python3.12 python3.13; do
        if is_recent "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Regulars needs Python 3.11 or later, and there is none here. Install it, or name it: PYTHON=/path/to/python make" >&2
    return 1
}

make_venv() {
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        scripts/system.sh "$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
    fi
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv .venv
}

install_with_uv() {
    [ -x .venv/bin/uv ] || .venv/bin/pip install -q --disable-pip-version-check "$UV" || return 1
    # Compiled once here: where Python may write no bytecode, every start would compile it all anew.
    export VIRTUAL_ENV=$PWD/.venv UV_NO_PROGRESS=1 UV_COMPILE_BYTECODE=1
    case $what in
        run) .venv/bin/uv pip install -q -r requirements.txt ;;
        test) .venv/bin/uv pip sync -q requirements.txt requirements-dev.txt ;;
    esac && .venv/bin/uv pip install -q --no-deps -e .
}

install_with_pip() {
    local files=(-r requirements.txt)
    [ "$what" = run ] || files+=(-r requirements-dev.txt)
    .venv/bin/pip install -q --disable-pip-version-check "${files[@]}" &&
        .venv/bin/pip install -q --disable-pip-version-check --no-deps -e .
}

is_recent .venv/bin/python || make_venv
echo "Installing what $([ "$what" = run ] && echo requirements.txt says || echo requirements.txt and requirements-dev.txt say)"
if ! install_with_uv; then
    echo "uv could not install them; trying pip"
    install_with_pip
fi
touch .venv/.run ".venv/.$what"
