#!/usr/bin/env bash
# The main job: sets up what is missing, builds, and starts the checkpoint kiosk.
#
#   with a camera and a display   the kiosk, live
#   without a camera              the kiosk, with the demo recording before it
#   without a display             the same demo on a screen in memory: prints each passage, keeps screenshots
#
# Arguments are given on to the kiosk, for example: scripts/run.sh --language en
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

need_packages $PACKAGES_TO_BUILD $PACKAGES_TO_SHOW
has_display || need_packages $PACKAGES_FOR_NO_DISPLAY
need_rust

say "Building the kiosk (some ten minutes the first time on two cores, seconds afterwards)"
cargo build --release --locked -p kiosk -p trustctl --bins
kiosk=target/release/kiosk
state="${KIOSK_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/kiosk}"

if has_display && ls /dev/video* >/dev/null 2>&1; then
    say "A camera is here: starting the kiosk. Passages and the device's key are kept in $state"
    exec "$kiosk" run --config kiosk.toml --state "$state" "$@"
fi

if [ ! target/demo/recording.jsonl -nt target/release/trustctl ]; then
    say "Making the demo recording in target/demo (kept for the next time)"
    target/release/trustctl demo --out target/demo
fi
if has_display; then
    say "No camera: playing the demo recording"
    exec "$kiosk" demo target/demo "$@"
fi
say "No camera and no display: playing the demo recording on a screen in memory"
rm -rf target/demo-screens
xvfb-run --auto-servernum --server-args="-screen 0 1280x800x24" \
    "$kiosk" demo target/demo --once --windowed --screenshots target/demo-screens "$@"
say "Screenshots: $PWD/target/demo-screens"
