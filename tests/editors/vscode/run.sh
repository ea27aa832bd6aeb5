#!/usr/bin/env bash
# Builds the extension from nothing and tests it in a real VS Code; needs Node 20, Python 3.10 or newer, and chromium.
# LOOPWISE_VSCODE: the folder for VS Code, which is set up there once (some 900 MB, 40 s).
# LOOPWISE_OLDEST: likewise for the oldest engine that is supported; not tested where it is not given.
# OLD_PYTHON: a Python before 3.10.  PICTURES=1 renews the README's pictures.
set -euo pipefail
cd "$(dirname "$0")"
client=$(cd ../../../vscode-client && pwd)
export LOOPWISE_VSCODE=${LOOPWISE_VSCODE:-$HOME/.cache/loopwise-tests/vscode-current}
python=$(python3 -c 'import sys; print(sys.executable)')
old=${OLD_PYTHON:-$(find "$HOME/.pyenv/versions" -path '*/3.9*/bin/python' 2> /dev/null | tail -n 1 || true)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

step "VS Code"
bash setup.sh "$LOOPWISE_VSCODE" current
step "the extension"
(cd "$client" && npm ci --ignore-scripts --loglevel=error && npm run --silent package > "$work/package.log" 2>&1) ||
    { cat "$work/package.log"; exit 1; }
tail -n 1 "$work/package.log"
vsix=$(echo "$client"/loopwise-*.vsix)
(cd fake-python && node "$client/node_modules/@vscode/vsce/vsce" package --no-dependencies --allow-missing-repository \
    --skip-license -o "$work/fake-python.vsix" > /dev/null 2>&1)
step "inside the extension host"
python3 -m venv --without-pip "$work/venv" # a Python that is not on the path
timeout 200 node suite.mjs "$client" "$work/fake-python.vsix" "$work/venv/bin/python"
step "as a person would"
pictures=$work/pictures
if [ "${PICTURES:-}" = 1 ]; then pictures=$client/media/screenshots; fi
SHOT=${SHOT:-$work/failure.png} timeout 200 node ui.mjs "$vsix" "$pictures"
if [ -n "$old" ]; then
    step "no Python that will do"
    SHOT=${SHOT:-$work/failure.png} timeout 200 node trouble.mjs "$vsix" "$old" "$python"
fi
if [ -n "${LOOPWISE_OLDEST:-}" ]; then
    step "the oldest VS Code"
    bash setup.sh "$LOOPWISE_OLDEST" oldest
    LOOPWISE_VSCODE=$LOOPWISE_OLDEST timeout 200 node ui.mjs "$vsix" "$work/oldest"
fi
step "all passed"
