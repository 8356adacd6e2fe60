#!/usr/bin/env bash
# Counts the instructions of each stage from a camera's frame to a verdict, and writes benches/figures.md.
#
# Instructions do not depend on what else the machine does; they do depend on the compiler and on the architecture, so
# both stand beside the figures. Needs valgrind. A count takes some seconds: valgrind runs fifty times slower.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v valgrind >/dev/null || { echo "valgrind is missing: sudo apt-get install valgrind" >&2; exit 1; }
# One build of all: each by itself would build what they share again, with other features.
cargo build --release --locked -p proving -p checkpoint -p kiosk -p qrscan --bin stages \
    --example cost --example decide --example passes --example instructions
cost=${CARGO_TARGET_DIR:-target}/release/examples/cost
decide=${CARGO_TARGET_DIR:-target}/release/examples/decide
program=${CARGO_TARGET_DIR:-target}/release/stages
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

{
    echo "# Instructions a stage, 1280×720"
    echo
    echo "Made by \`scripts/bench.sh\`: callgrind counts within the stage's function only; the pictures are drawn by"
    echo "\`proving/src/drawn.rs\`. $(rustc --version | cut -d' ' -f1,2), $(uname -m), profile \`release\`."
    echo
    echo "| stage | million instructions |"
    echo "| --- | ---: |"
} >"$out/figures.md"

"$program" | tail -n +2 | while read -r number function what; do
    # Only what runs inside the function counts; the leading and trailing stars span its module and its hash.
    valgrind --tool=callgrind --collect-atstart=no --toggle-collect="*$function*" \
        --callgrind-out-file="$out/callgrind.$number" "$program" "$number" >"$out/log" 2>&1 ||
        { cat "$out/log" >&2; exit 1; }
    count=$(sed -n 's/^.*Collected : \([0-9]*\).*$/\1/p' "$out/log")
    [ "${count:-0}" -gt 0 ] || { echo "nothing was counted within $function: is it inlined?" >&2; exit 1; }
    printf '| %s | %s |\n' "$what" "$(LC_ALL=C awk "BEGIN { printf \"%.2f\", $count / 1e6 }")" | tee -a "$out/figures.md"
done

# Schemes that only the tests' forger issues: a tenth of what ten rounds more cost.
ten_rounds() {
    rounds() {
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 | sed -n 's/^.*Collected : \([0-9]*\).*$/\1/p'
    }
    echo $(($(rounds "$@" 12) - $(rounds "$@" 2)))
}
for scheme in "shc SMART Health Card, two doses" "nzcp NZ COVID Pass"; do
    envelope=$(ten_rounds "$cost" "${scheme%% *}" decode)
    verify=$(($(ten_rounds "$cost" "${scheme%% *}" verify) - envelope))
    LC_ALL=C awk "BEGIN { printf \"| ${scheme#* }: envelope | %.2f |\n\", $envelope / 1e7
        printf \"| ${scheme#* }: verify (ES256) | %.2f |\n\", $verify / 1e7 }" | tee -a "$out/figures.md"
done

# One decision, of a visit that gathered as many credentials as one may, with statements of every kind, none of them enough.
for rules in two-doses-14-days khanh-hoa-colours school-gate; do
    count=$(ten_rounds "$decide" "assets/rules/$rules.json" full)
    LC_ALL=C awk "BEGIN { printf \"| decision, a full visit: $rules | %.2f |\n\", $count / 1e7 }" | tee -a "$out/figures.md"
done

# One pass of the window without its graphics card: at rest nothing is new, in use each pass brings a picture.
passes=${CARGO_TARGET_DIR:-target}/release/examples/passes
pass() { # a tenth of what ten passes more cost
    count() {
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$passes" "$@" 2>&1 | sed -n 's/^.*Collected : \([0-9]*\).*$/\1/p'
    }
    scene=$1
    shift
    echo $(($(count "$scene" 13 "$@") - $(count "$scene" 3 "$@")))
}
# At rest nothing is drawn but the clock each minute, or each second a camera's picture that stands still; in use, thirty pictures.
for row in "waiting - 1 window, a pass at rest" "waiting picture 1 window, a pass with a new picture" \
    "refuse-recent picture 1 window, a pass with a verdict and a new picture" \
    "waiting - 0.0333 window, a second at rest without a camera (two passes a minute)" \
    "waiting picture 1 window, a second at rest before a picture that stands still (one pass)" \
    "refuse-recent picture 30 window, a second in use (thirty passes)"; do
    read -r scene with times what <<<"$row"
    if [ "$with" = picture ]; then each=$(pass "$scene" picture); else each=$(pass "$scene"); fi
    LC_ALL=C awk "BEGIN { printf \"| $what | %.2f |\n\", $times * $each / 1e7 }" | tee -a "$out/figures.md"
done

# The reader alone, with a code and on frames that are full of what is hard on it; it builds without the kiosk.
program=${CARGO_TARGET_DIR:-target}/release/examples/instructions
for frame in desk print rings boxes gravel version-10 version-20; do
    valgrind --tool=callgrind --collect-atstart=no --toggle-collect='qrscan::reader::Reader::read' \
        --callgrind-out-file="$out/callgrind.$frame" "$program" "$frame" >"$out/log" 2>&1 || { cat "$out/log" >&2; exit 1; }
    count=$(sed -n 's/^.*Collected : \([0-9]*\).*$/\1/p' "$out/log")
    [ "${count:-0}" -gt 0 ] || { echo "nothing was counted within Reader::read: is it inlined?" >&2; exit 1; }
    printf '| qrscan alone, %s | %s |\n' "$frame" "$(LC_ALL=C awk "BEGIN { printf \"%.2f\", $count / 1e6 }")" | tee -a "$out/figures.md"
done

mkdir -p benches
mv "$out/figures.md" benches/figures.md
echo "written: benches/figures.md"
