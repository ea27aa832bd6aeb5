#!/usr/bin/env bash
# Emacs with what test_emacs.py runs in it, from Debian's packages, as root or with sudo.
# Where all of it is there nothing is done; else it takes about a minute, most of which Emacs compiles its libraries.
set -euo pipefail

there() { # these Emacs libraries can be loaded
    command -v emacs > /dev/null || return 1
    local library
    for library in "$@"; do
        emacs --batch --eval "(package-activate-all)" --eval "(require '$library)" > /dev/null 2>&1 || return 1
    done
}

as_root() { # apt-get with these arguments
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get "$@" > /dev/null
}

if there eglot lsp-mode yasnippet; then exit 0; fi
as_root update -qq
as_root install -qq -y --no-install-recommends emacs-nox elpa-lsp-mode elpa-yasnippet
# Emacs brings eglot along from version 29 on.
there eglot || as_root install -qq -y --no-install-recommends elpa-eglot
there eglot lsp-mode yasnippet || { echo "Emacs lacks eglot, lsp-mode or yasnippet, though all is installed" >&2; exit 1; }
emacs --version | head -n 1
