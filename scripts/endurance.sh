#!/usr/bin/env bash
# Plays the demonstration for so many minutes before the real window, and says how long a verdict takes from its frame to the
# screen, what the journal's sync takes of it, and whether memory stays flat.
#
#   scripts/endurance.sh [MINUTES] [PROFILE] [FPS]  10, release and 30 by default; 0: as it was recorded, eight a second
#
# The demonstration is recorded at eight pictures a second; here each is repeated until the next, so that as many are decoded, read
# and drawn a second as a camera gives.
#
# drawn: from the frame in the program's hands to the end of the pass that laid out its verdict. Its stages: waited for the reader;
# scanned; queued before the lane; judged; synced, in which the passage was made durable; woken, until the window was free; laid.
# On a machine that does other work too, `chrt -r 1 scripts/endurance.sh` gives the kiosk and its display the processors first.
# Apart: pass, what one pass of the window takes, graphics included. Two frames at 30 a second are 66.7 ms.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-10}
profile=${2:-release}
fps=${3:-30}
kiosk=target/$profile/kiosk
trustctl=target/$profile/trustctl
[ "$profile" = debug ] && flag=() || flag=(--release)
[ -x "$kiosk" ] && [ -x "$trustctl" ] || cargo build "${flag[@]}" --locked -p kiosk -p trustctl --bins
[ target/demo/recording.jsonl -nt "$trustctl" ] || "$trustctl" demo --out target/demo >/dev/null 2>&1
out=$(mktemp -d)
trap 'rm -rf "$out"; [ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true' EXIT

demo=$out/demo
mkdir "$demo"
ln -s "$PWD"/target/demo/* "$demo"
rm "$demo/recording.jsonl"
awk -v fps="$fps" '
    NR == 1 {print; next}
    {split($0, file, "\""); ms = $0; sub(/.*"ms":/, "", ms); sub(/[,}].*/, "", ms)}
    NR > 2 {for (n = 0; n == 0 || (fps > 0 && at + n * 1000 / fps < ms); n++) printf "{\"file\":\"%s\",\"ms\":%d}\n", name, at + n * 1000 / (fps > 0 ? fps : 1)}
    {name = file[4]; at = ms + 0}
    END {printf "{\"file\":\"%s\",\"ms\":%d}\n", name, at}' target/demo/recording.jsonl >"$demo/recording.jsonl"

xvfb-run --auto-servernum --server-args="-screen 0 1280x800x24" \
    env KIOSK_LOG=kiosk::latency=debug,kiosk=info "$kiosk" demo "$demo" --windowed >"$out/passages" 2>"$out/log" &
pid=$!
window=
for ((tries = 0; tries < 60; tries++)); do
    window=$(pgrep -P "$pid" -x kiosk) && break
    sleep 1
done
[ -n "$window" ] || { echo "the kiosk did not start:" >&2; cat "$out/log" >&2; exit 1; }
sleep 5
ticks() { awk '{print $14 + $15}' "/proc/$window/stat"; }
hz=$(getconf CLK_TCK)
for ((second = 10; second <= minutes * 60; second += 10)); do
    before=$(ticks)
    sleep 10
    rss=$(awk '/^VmRSS/ {print $2}' "/proc/$window/status")
    echo "$second $rss $(($(ticks) - before))" >>"$out/memory"
done
kill -TERM "$window" || true
wait "$pid" || true
unset pid

sed 's/\x1b\[[0-9;]*m//g' "$out/log" | grep -o 'drawn_ms=.*' | sed 's/[a-z_]*=//g; s/"//g' >"$out/latency" || true
percentile() { # column percent
    sort -g -k"$1,$1" "$out/latency" | awk -v c="$1" -v p="$2" '{v[NR] = $c} END {i = int(NR * p / 100 + 0.999); print v[i < 1 ? 1 : i]}'
}
awk '{print $0, $1 - $2}' "$out/latency" >"$out/columns" && mv "$out/columns" "$out/latency"
echo "verdicts drawn: $(wc -l <"$out/latency"); messages dropped: $(grep -c 'was dropped' "$out/log" || true)"
for column in "10 drawn without synced" "1 drawn" "4 waited" "5 scanned" "6 queued" "7 judged" "2 synced" "8 woken" "9 laid" "3 pass"; do
    name=${column#* } column=${column%% *}
    printf '%-21s ms: median %5s, 95 %% %5s, most %5s\n' "$name" "$(percentile "$column" 50)" "$(percentile "$column" 95)" \
        "$(percentile "$column" 100)"
done
awk '$10 > 66.7 {late++} END {printf "over two frames without synced: %d of %d\n", late, NR}' "$out/latency"
awk -v hz="$hz" 'NR == 1 {first = $2} {last = $2; if ($2 > most) most = $2; cpu += $3}
    END {printf "memory KiB: first %d, last %d, most %d\nprocessor: %.1f %% of one core\n", first, last, most, cpu / NR / 10 / hz * 100}' \
    "$out/memory"
awk 'NR % 6 == 0 {printf "  after %4d s: %d KiB\n", $1, $2}' "$out/memory"
