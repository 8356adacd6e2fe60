#!/usr/bin/env bash
# Fuzzes one target, from where the last run ended: started and stopped (Ctrl-C) at will. docs/fuzzing.md
#
#   scripts/fuzz.sh                 the targets, and how often each was executed so far
#   scripts/fuzz.sh TARGET [RUNS]   fuzzes, for ever or for so many executions
#   scripts/fuzz.sh TARGET keep     makes what was found the kept corpus, reduced to what covers as much
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

LEDGER=fuzz/executions.tsv
# After so many seconds what was done is written down and the next slice begins.
SLICE_SECS=900

# Longest input in bytes.
longest() {
    case "$1" in
    modules) echo 512 ;;
    pixels) echo 2048 ;;
    hcert_*) echo 2800 ;; # what base45 makes fit into a code
    *) echo 4096 ;;
    esac
}

# Adds to the row of target and commit: executions, misreads, crashes; and the edges covered, of which the most stay.
enter() {
    awk -F'\t' -v OFS='\t' -v target="$1" -v commit="$2" -v n="$3" -v misreads="$4" -v crashes="$5" -v edges="$6" '
        $1 == target && $2 == commit {
            $3 += n; $4 += misreads; $5 += crashes; if (edges > $6) $6 = edges; found = 1
        }
        { print }
        END { if (!found) print target, commit, n, misreads, crashes, edges }' "$LEDGER" >"$LEDGER.new"
    mv "$LEDGER.new" "$LEDGER"
}

[ -f "$LEDGER" ] || printf 'target\tcommit\texecutions\tmisreads\tcrashes\tedges\n' >"$LEDGER"
if [ $# = 0 ]; then
    for file in fuzz/fuzz_targets/*.rs; do
        target=$(basename "$file" .rs)
        awk -F'\t' -v target="$target" '$1 == target { n += $3; misreads += $4; crashes += $5 }
            END { printf "%-16s %12d executions, %d misreads, %d crashes\n", target, n, misreads, crashes }' "$LEDGER"
    done
    exit
fi
target=$1 runs=${2:-}
[ -f "fuzz/fuzz_targets/$target.rs" ] || fail "no target $target; scripts/fuzz.sh names them all"

need_packages gcc g++ libc6-dev
need_rust
RUSTC_WRAPPER="$PWD/fuzz/rustc-covered" \
    cargo build --quiet --release --manifest-path fuzz/Cargo.toml --target-dir fuzz/target/covered --bin "$target"
program=fuzz/target/covered/release/$target
found=fuzz/target/corpus/$target
export FUZZ_SEEDS=$found
kept=fuzz/corpus/$target
mkdir -p "$found" "$kept" "fuzz/artifacts/$target"

if [ "$runs" = keep ]; then
    merged=$(mktemp -d)
    # As few inputs as pass every edge, however often.
    "$program" -set_cover_merge=1 -use_counters=0 -max_len="$(longest "$target")" "$merged" "$found" "$kept" 2>&1 | tail -n 1
    # Inputs with a name of their own show a defect that was mended; the others are named by libFuzzer.
    find "$kept" -type f -regextype posix-extended -regex '.*/([0-9a-f]{40}|seed-.*)' -delete
    cp "$merged"/* "$kept"
    rm -r "$merged"
    say "$kept: $(find "$kept" -type f | wc -l) inputs, $(du -sh --apparent-size "$kept" | cut -f1)"
    exit
fi

commit=$(git rev-parse --short=10 HEAD)
[ -z "$(git status --porcelain -- checkpoint qrscan fuzz/src fuzz/fuzz_targets)" ] || commit=$commit-changed
log=fuzz/target/$target.log
child="" stop=""
trap 'stop=1; [ -z "$child" ] || kill -INT "$child" 2>/dev/null || true' INT TERM
left=${runs:--1}
while [ -z "$stop" ] && [ "$left" != 0 ]; do
    "$program" -runs="$left" -max_total_time=$SLICE_SECS -max_len="$(longest "$target")" -timeout=60 -rss_limit_mb=512 \
        -print_final_stats=1 -artifact_prefix="fuzz/artifacts/$target/" "$found" "$kept" >"$log" 2>&1 &
    child=$!
    status=0
    wait "$child" || status=$?
    # A signal ends the waiting; what was done is known only when the program has ended too.
    while kill -0 "$child" 2>/dev/null; do wait "$child" || status=$?; done
    done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    done=${done:-0}
    # Reading the corpus again is no new execution.
    read=$(sed -n 's/^#\([0-9]*\)\tINITED.*/\1/p' "$log")
    n=$((done - ${read:-0}))
    [ "$n" -gt 0 ] || n=0
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    misreads=$(grep -c '^misread: ' "$log" || true)
    grep '^misread: ' "$log" >>"fuzz/artifacts/$target/misreads" || true
    crashed=0
    grep -q 'Test unit written to' "$log" && crashed=1
    enter "$target" "$commit" "$n" "$misreads" "$crashed" "${edges:-0}"
    say "$target at $commit: $n executions, $misreads misreads, ${edges:-0} edges"
    if [ "$crashed" = 1 ]; then
        tail -n 60 "$log"
        fail "an assertion did not hold; the input is above. Again: $program FILE"
    fi
    # Anything else than done or interrupted.
    case $status in 0 | 72 | 130 | 143) ;; *) tail -n 20 "$log"; fail "the program ended with $status" ;; esac
    [ -z "$runs" ] || left=$((left > done ? left - done : 0))
done
