#!/usr/bin/env bash
# Builds the extension, and into the folder $1 what its tests need: a double of the Python extension, the suite as an
# extension, and a Python environment with a second language server.
set -euo pipefail
out=$(realpath "${1:?folder}")
here=$(cd "$(dirname "$0")" && pwd)
client=$(cd "$here/../../../vscode-client" && pwd)
vsce=("$client/node_modules/.bin/vsce" package --no-dependencies --allow-missing-repository --skip-license)

python3 -m venv "$out/jedi"
"$out/jedi/bin/pip" install -q --disable-pip-version-check jedi-language-server==0.47.0
cd "$client"
# The README's own line, with nothing of npm's left from earlier: what a newcomer does is what is tested.
line=$(grep -x 'npm ci && npm run package' README.md)
echo "$line"
npm_config_cache=$(mktemp -d) npm_config_loglevel=error bash -c "$line"
cp -r "$here/fake-python" "$here/suite" "$out"
NODE_PATH=$client/node_modules node_modules/.bin/esbuild "$here/fake-python/main.js" --bundle --platform=node \
    --external:vscode --outfile="$out/fake-python/main.js" --allow-overwrite --log-level=warning
for name in fake-python suite; do (cd "$out/$name" && "${vsce[@]}" -o "$out/$name.vsix"); done
cp loopwise-*.vsix "$out/loopwise.vsix"
