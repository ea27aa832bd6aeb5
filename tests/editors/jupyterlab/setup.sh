#!/usr/bin/env bash
# JupyterLab with jupyterlab-lsp and a driver for Chromium, which test_jupyterlab.py runs, in a virtual environment in the
# folder $1 (1 minute, 400 MB), once; and Chromium from Debian's packages, as root or with sudo.
set -euo pipefail
DIR=${1:?folder}
LAB=4.6.6 LSP=5.3.0 DRIVER=1.65.2

if ! command -v chromium > /dev/null && ! command -v chromium-headless-shell > /dev/null; then
    sudo=()
    if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get update -qq > /dev/null
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -qq -y --no-install-recommends chromium > /dev/null
fi
STAMP="$DIR/ok-$LAB-$LSP-$DRIVER"
if [ -f "$STAMP" ]; then exit 0; fi
rm -rf "$DIR"
python3 -m venv "$DIR"
"$DIR/bin/pip" install -q --disable-pip-version-check "jupyterlab==$LAB" "jupyterlab-lsp==$LSP" "playwright==$DRIVER"
touch "$STAMP"
