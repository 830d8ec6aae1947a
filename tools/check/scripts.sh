# Shell scripts parse; shellcheck, where it is installed, finds no errors.
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
status=0
scripts=$(find .ci tests jobs tools -type f 2>/dev/null | xargs grep -lE -e '^#!/bin/(ba)?sh' -e '^\. "\$\(dirname' |
    cat - <(find tests tools -name '*.sh') | sort -u)
for f in $scripts; do bash -n "$f" || status=1; done
if command -v shellcheck >/dev/null; then
    shellcheck -s bash -S error $scripts || status=1
fi
exit $status
