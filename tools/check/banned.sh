# Calls that the rules forbid (CONTRIBUTING.md says why).
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
find src include -name '*.[ch]' | sort | xargs awk -f tools/check/code.awk >"$TMPDIR/code"
status=0
ban() { # why, pattern of the call, files where it is allowed
    if grep -E -e "$2" "$TMPDIR/code" | grep -Ev -e "^($3):"; then
        echo "    ^ $1"
        status=1
    fi
}
word='(^|[^A-Za-z0-9_.>])'
ban 'only main ends the process: return an aet_err' "$word(_?exit|_Exit|quick_exit|MPI_Abort) *\(" 'src/main\.c'
ban 'use AET_ASSERT' "${word}abort *\(" 'src/main\.c|src/base/error\.c'
ban 'a function gets its communicator from its caller' 'MPI_COMM_WORLD' 'src/main\.c'
ban 'MPI is started and ended in main' "${word}MPI_(Init|Init_thread|Finalize) *\(" 'src/main\.c'
ban 'no length: use snprintf or base/str' "$word(sprintf|vsprintf|strcpy|strcat|gets|stpcpy) *\(" 'none'
ban 'no error: use base/str' "$word(atoi|atol|atof) *\(" 'none'
ban 'random numbers come from base/rng' "$word(s?rand|s?random|[dejlmn]rand48|rand_r) *\(" 'none'
ban 'not reentrant: use strtok_r or base/str' "${word}strtok *\(" 'none'
ban 'the stack is small: base/mem' "${word}alloca *\(" 'none'
exit $status
