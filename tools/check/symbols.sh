# External names are unique: a static library would silently link the first of two.
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
[ -e "$AET_BUILD/libaetlas.a" ] || { echo "no $AET_BUILD/libaetlas.a: run make first"; exit 1; }
nm -g --defined-only "$AET_BUILD/libaetlas.a" 2>/dev/null |
    awk 'NF == 3 && $2 ~ /^[A-Z]$/ { print $3 } /:$/ { next }' | grep -v -e '^__' -e '^_' | sort >"$TMPDIR/names"
status=0
twice=$(uniq -d "$TMPDIR/names")
[ -z "$twice" ] || { echo "defined in two files: $twice"; status=1; }
[ "$(wc -l <"$TMPDIR/names")" -gt 50 ] || { echo "found too few names to believe it"; status=1; }
exit $status
