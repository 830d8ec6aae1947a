# Helpers of the shell tests.  Use:   . "$(dirname "$0")/../lib.sh"
# The test then runs in a fresh folder ($PWD), stops at the first command that fails, and says `done` by
# reaching its end.  Under tests/run everything is set; run alone (bash tests/cmd/NAME.sh) it works too.
#
#   $AETLAS                    the program            $AET_ROOT   the repository
#   aet N ARGS...              aetlas ARGS on N ranks, under a time limit (AET_LIMIT, 120 s)
#   expect_status S CMD...     CMD must return S; its stdout goes to the file `out`, stderr to `err`
#   expect_text FILE PATTERN   FILE must hold a line that matches (grep -E)
#   expect_no_text FILE PATTERN
#   expect_file FILE...        each exists and is not empty;   expect_no_file FILE...
#   value FILE KEY             prints the value of the line `KEY = value`
#   expect_value FILE KEY OP NUMBER    OP: < <= > >= == (a missing key fails)
#   f=$(data PATH)             the path of a file in the data folder; skips the test when it is not there
#   need COMMAND...            skips the test unless these programs exist
#   skip WHY                   ends the test as skipped
#   fail WHY                   ends the test as failed
set -eEu
AET_ROOT=${AET_ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
AETLAS=${AETLAS:-$AET_ROOT/${BUILD:-build}/aetlas}
AET_BUILD=${AET_BUILD:-$(dirname "$AETLAS")}
if [ -z "${AETLAS_DATA:-}" ] && [ -d "$AET_ROOT/../shared/data" ]; then AETLAS_DATA=$AET_ROOT/../shared/data; fi
AETLAS_DATA=${AETLAS_DATA:-}
export AET_ROOT AETLAS AETLAS_DATA
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
       OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_pml=ob1 OMPI_MCA_btl=vader,self \
       OMPI_MCA_ess_singleton_isolated=1 OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}" \
       OPENBLAS_NUM_THREADS=1 LC_ALL=C ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
if [ -z "${AET_TEST:-}" ]; then # run by hand: a folder of its own, kept
    cd "$(mktemp -d "${TMPDIR:-/tmp}/aetlas-test.XXXXXX")"
    echo "folder: $PWD" >&2
fi

fail() {
    echo "FAILED: $*" >&2
    exit 1
}
skip() {
    echo "$*" >&2
    exit 77
}
trap 's=$?; [ $s = 77 ] || echo "FAILED (status $s) at ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND" >&2' ERR

aet() { # N ARGS...
    local n=$1
    shift
    if [ "$n" = 1 ]; then
        timeout -k 5 "${AET_LIMIT:-120}" "$AETLAS" "$@"
    else
        timeout -k 5 "${AET_LIMIT:-120}" mpirun -n "$n" "$AETLAS" "$@"
    fi
}
show() { # FILE...: the end of each, for the log of a failure
    local f
    for f; do
        [ -s "$f" ] || continue
        echo "--- $f"
        tail -n 25 "$f"
    done >&2
}
expect_status() { # S CMD...
    local want=$1 got=0
    shift
    "$@" >out 2>err || got=$?
    [ "$got" = "$want" ] && return 0
    show out err
    fail "status $got instead of $want: $*"
}
expect_text() { # FILE PATTERN
    [ -e "$1" ] || fail "no file $1 (wanted the text: $2)"
    grep -Eq -e "$2" "$1" && return 0
    show "$1"
    fail "$1 has no line that matches: $2"
}
expect_no_text() { # FILE PATTERN
    grep -Eq -e "$2" "$1" || return 0
    show "$1"
    fail "$1 must not have a line that matches: $2"
}
expect_file() {
    local f
    for f; do [ -s "$f" ] || fail "no file $f, or it is empty"; done
}
expect_no_file() {
    local f
    for f; do [ ! -e "$f" ] || fail "there must be no file $f"; done
}
value() { # FILE KEY
    awk -v key="$2" -F ' *= *' '{ k = $1; sub(/^ +/, "", k) } k == key { v = $2; found = 1 }
        END { if (!found) exit 1; print v }' "$1"
}
expect_value() { # FILE KEY OP NUMBER
    local got
    got=$(value "$1" "$2") || { show "$1"; fail "$1 has no line: $2 = ..."; }
    awk -v got="${got%% *}" -v op="$3" -v want="$4" 'BEGIN {
        if (got !~ /^[-+]?([0-9]|\.[0-9])/) exit 1
        g = got + 0; w = want + 0
        exit !((op == "<" && g < w) || (op == "<=" && g <= w) || (op == ">" && g > w) ||
               (op == ">=" && g >= w) || (op == "==" && g == w)) }' && return 0
    show "$1"
    fail "$1: $2 = $got, wanted $3 $4"
}
data() { # PATH
    [ -n "$AETLAS_DATA" ] || skip "no data folder (AETLAS_DATA, or ../shared/data beside the repository)"
    [ -e "$AETLAS_DATA/$1" ] || skip "the data folder $AETLAS_DATA has no $1"
    echo "$AETLAS_DATA/$1"
}
need() { # COMMAND...
    local c
    for c; do command -v "$c" >/dev/null || skip "needs the program $c"; done
}
