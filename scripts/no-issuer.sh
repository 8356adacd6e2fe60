#!/bin/sh
# Searches a built program for code that issues health statements.
#
#   scripts/no-issuer.sh PROGRAM             exits 0 where there is none, 1 where it is found
#   scripts/no-issuer.sh --tree              the same for what the kiosk is built from
#
# What is looked for: symbols of the authority's tool, paths of its sources, and every longer text of the four files that make
# credentials, as far as no file of the kiosk has it too. A control proves that the search finds something: the authority's own
# program (`scripts/no-issuer.sh target/release/trustctl` exits 1).
set -eu
cd "$(dirname "$0")/.."

if [ "${1:-}" = --tree ]; then
    tree=$(cargo tree --locked --offline -p kiosk -e normal --prefix none)
    case "$tree" in *kiosk*) ;; *) echo "cargo tree says nothing"; exit 2 ;; esac
    if echo "$tree" | grep -q '^trustctl '; then
        echo "the kiosk is built from trustctl"
        exit 1
    fi
    exit 0
fi

program=${1:?"name a program"}
[ -s "$program" ] || { echo "$program is not there"; exit 2; }
marks=$(mktemp)
trap 'rm -f "$marks"' EXIT
# Texts of code: without comments, without tests, cut where a value is put in.
for file in native hc1 certificate describe; do
    sed -e '/#\[cfg(test)\]/,$d' -e 's,^ *//.*,,' "trustctl/src/$file.rs"
done | grep -o '"[^"\\]*"' | tr -d '"' | tr '{}' '\n\n' | grep -E '^.{16,}$' | sort -u | while IFS= read -r text; do
    grep -rqF -- "$text" checkpoint/src src || printf '%s\n' "$text"
done >"$marks"
count=$(wc -l <"$marks")
[ "$count" -ge 10 ] || { echo "only $count texts to look for: the search would prove nothing"; exit 2; }
found=$(grep -aoF -f "$marks" "$program" | sort -u | wc -l)
symbols=$(grep -aoE '8trustctl[0-9]+(native|hc1|certificate|authority|keys)|trustctl/src/[a-z_]+\.rs' "$program" | sort -u | wc -l)
echo "$program: $found of $count texts, $symbols symbols and paths of the authority's tool"
[ "$found" -eq 0 ] && [ "$symbols" -eq 0 ]
