#!/usr/bin/env bash
# Builds the extension from nothing and tests it in two real VS Codes, the current one and one near the oldest engine.
# Needs Python 3.10 or newer, a compiler and chromium; as root, what is missing is installed by apt.
# VS Code stays in LOOPWISE_CACHE (1.4 GB), and after a failure a picture of it, the place of which is said.
# OLD_PYTHON: a Python before 3.10.  PICTURES=1 renews the README's pictures, ALL_PICTURES=1 keeps those of each step.
set -euo pipefail -m
cd "$(dirname "$0")"
client=$(cd ../../../vscode-client && pwd)
cache=${LOOPWISE_CACHE:-$HOME/.cache/loopwise-tests}
current=$cache/vscode-current oldest=$cache/vscode-oldest
export LOOPWISE_PICTURES=$cache/vscode-pictures
work=$(mktemp -d)
export TMPDIR=$work # what a session that is cut off leaves goes too
trap 'for pid in $(jobs -p); do kill -- "-$pid" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
rm -rf "$LOOPWISE_PICTURES"

# Runs a command beside the others; what it says comes out in one piece when it has ended, with how long it took.
beside() { # NAME COMMAND...
    local name=$1 began=$SECONDS code=0
    shift
    "$@" > "$work/$name.log" 2>&1 || code=$?
    printf '\n== %s: %s (%s s)\n' "$name" "$([ $code = 0 ] && echo done || echo "FAILED, exit code $code")" $((SECONDS - began))
    if [ $code != 0 ] || [ "${PHASE:-}" = tests ]; then cat "$work/$name.log"; fi
    return $code
}

# Waits for all that runs beside; it fails if one of them did.
all() {
    local code=0 pid
    for pid in $(jobs -p); do wait "$pid" || code=1; done
    if [ $code != 0 ]; then
        printf '\n== FAILED after %s s\n' $SECONDS
        find "$LOOPWISE_PICTURES" -name '*-failure.png' 2> /dev/null | sed 's/^/a picture: /'
        exit 1
    fi
}

programs() {
    local wanted=()
    command -v chromium > /dev/null || command -v chromium-headless-shell > /dev/null || wanted+=(chromium)
    command -v g++ > /dev/null || wanted+=(g++)
    command -v make > /dev/null || wanted+=(make)
    [ -n "$(old_python)" ] || wanted+=(pypy3) # Debian 12's is a Python 3.9
    if [ ${#wanted[@]} -gt 0 ]; then
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${wanted[@]}"
    fi
}

old_python() {
    if [ -n "${OLD_PYTHON:-}" ]; then
        echo "$OLD_PYTHON"
    else
        find "$HOME/.pyenv/versions" -path '*/3.9*/bin/python' 2> /dev/null | tail -n 1
        command -v pypy3
    fi | head -n 1
}

in_current() {
    local python pictures=$work/pictures
    python=$(python3 -c 'import sys; print(sys.executable)')
    if [ "${PICTURES:-}" = 1 ]; then pictures=$client/media/screenshots; fi
    export LOOPWISE_VSCODE=$current
    beside ui-current timeout --foreground 600 node ui.mjs ui-current "$work/loopwise.vsix" "$pictures" &&
        beside trouble timeout --foreground 600 node trouble.mjs trouble "$work/loopwise.vsix" "$(old_python)" "$python" &&
        suite current
}

in_oldest() {
    export LOOPWISE_VSCODE=$oldest
    suite oldest &&
        beside ui-oldest timeout --foreground 600 node ui.mjs ui-oldest "$work/loopwise.vsix" "$work/pictures-of-oldest"
}

suite() {
    beside "suite-$1" timeout --foreground 600 node suite.mjs "suite-$1" "$work/loopwise.vsix" "$work/fake-python.vsix" "$work/suite.vsix" \
        "$work/jedi/bin/python"
}

bash setup.sh "$current" current node
export PATH="$current/node/bin:$PATH"
beside programs programs &
beside VS-Code-current bash setup.sh "$current" current &
beside VS-Code-oldest bash setup.sh "$oldest" oldest &
beside extension bash build.sh "$work" &
all
PHASE=tests
in_current &
in_oldest &
all
printf '\n== all passed (%s s)\n' $SECONDS
