# Files that the documents name exist; configs/default.ini is what `aetlas config` prints; the demo is what README says.
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
status=0
for f in $(grep -ohE '`(tools|tests|configs|jobs|docs|include|src)/[A-Za-z0-9_./-]+`' README.md CONTRIBUTING.md | tr -d '`') \
    $(grep -ohE '\]\([^)#:]+\)' README.md CONTRIBUTING.md | sed 's/](\(.*\))/\1/') LICENSE CHANGELOG.md; do
    case $f in *NAME* | *FILE* | */MODULE/*) continue ;; esac
    [ -e "$f" ] || { echo "README.md or CONTRIBUTING.md names $f, which is not there"; status=1; }
done
grep -q '^## Unreleased' CHANGELOG.md || { echo "CHANGELOG.md has no section Unreleased"; status=1; }
# every module and folder of the tree stands in README's layout
for d in src/*/ configs jobs tests tools; do
    grep -q "^ *$(basename "$d")/  *[a-z0-9A-Z]" README.md || { echo "README.md, What is where: no line for $d"; status=1; }
done
# README's table of exit statuses is the error list, in its order and words
sed -n 's/^    X([A-Z]*, \([0-9]*\), "\(.*\)").*/| \1 | \2 |/p' include/aetlas/base/error.h >"$TMPDIR/codes"
grep -E '^\| [0-9]+ \| [a-z]' README.md | diff "$TMPDIR/codes" - ||
    { echo "README.md: the table of exit statuses is not AET_ERR_LIST of include/aetlas/base/error.h (< the list, > README)"; status=1; }
[ "$(wc -l <"$TMPDIR/codes")" -gt 5 ] || { echo "the error list was not understood"; status=1; }
"$AET_BUILD/aetlas" config >"$TMPDIR/default.ini" || status=1
cmp "$TMPDIR/default.ini" configs/default.ini ||
    { echo "configs/default.ini is not what \`aetlas config\` prints: make configs"; status=1; }
exit $status
