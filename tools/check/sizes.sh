# Files have at most 400 lines, functions at most 100 unless a comment `long: reason` stands in the lines
# above; prints the median function length.
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
status=0
for f in $(find src include tests tools -name '*.[ch]' -o -path 'tests/*' -name '*.sh' -o -path 'tools/*' -type f | sort); do
    n=$(wc -l <"$f")
    [ "$n" -le 400 ] || { echo "$f: $n lines, at most 400"; status=1; }
done
find src -name '*.c' | sort | xargs awk '
    FNR == 1 { name = ""; body = 0; excuse = 0 }
    /long: / { excuse = FNR }
    /^[A-Za-z_].*\(/ && !body { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
    /^\{/ { body = FNR }
    /^\}/ && body { print FNR - body - 1, FILENAME ":" body, name, (excuse > body - 12); body = 0 }
' | sort -n >"$TMPDIR/functions"
awk '$1 > 100 && !$4 { print $2 ": " $3 " has " $1 " lines, at most 100 (or say why: a comment `long: reason`)"; bad = 1 }
    END { exit bad }' "$TMPDIR/functions" || status=1
n=$(wc -l <"$TMPDIR/functions")
[ "$n" = 0 ] || echo "functions: $n, median $(sed -n "$(((n + 1) / 2))p" "$TMPDIR/functions" | cut -d' ' -f1) lines," \
    "longest $(tail -n 1 "$TMPDIR/functions")"
exit $status
