#!/usr/bin/env bash
# Kate with a screen that nobody sees, which test_kate.py runs, from Debian's packages, as root or with sudo; nothing is
# done where all is there.  About a minute, 500 MB: KDE's libraries come along.
set -euo pipefail

there() { command -v kate > /dev/null && command -v Xvfb > /dev/null && command -v xdotool > /dev/null && command -v dbus-run-session > /dev/null; }

if there; then exit 0; fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get update -qq > /dev/null
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -qq -y --no-install-recommends \
    kate xvfb xdotool dbus-daemon > /dev/null
there || { echo "Kate, Xvfb, xdotool or dbus is missing, though all is installed" >&2; exit 1; }
