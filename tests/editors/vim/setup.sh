#!/usr/bin/env bash
# Vim with ALE, which test_vim.py runs, from Debian's packages, as root or with sudo; nothing is done where both are there.
set -euo pipefail

there() { vim --version 2> /dev/null | grep -q '+job' && [ -d /usr/share/vim-ale ]; }

if there; then exit 0; fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get update -qq > /dev/null
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -qq -y --no-install-recommends vim-nox vim-ale > /dev/null
there || { echo "Vim lacks jobs or ALE, though both are installed" >&2; exit 1; }
vim --version | head -n 1
