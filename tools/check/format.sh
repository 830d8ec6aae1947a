# clang-format 14 changes nothing (other versions lay out code differently).
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
for c in clang-format-14 clang-format; do
    case $($c --version 2>/dev/null) in *"version 14."*) found=$c; break ;; esac
done
[ -n "${found:-}" ] || { echo "clang-format 14 is not installed"; exit 77; }
git ls-files >/dev/null 2>&1 || { echo "not a git checkout"; exit 77; }
git ls-files 'src/*.[ch]' 'include/*.h' 'tests/*.[ch]' | xargs -P 2 -n 20 "$found" --dry-run -Werror \
    2>"$TMPDIR/log" && exit 0
echo "make format would change:"
grep -o '^[^:]*:[0-9]*:[0-9]*: error' "$TMPDIR/log" | cut -d: -f1 | sort | uniq -c
exit 1
