# Every command has a manual with a usage line and an example.
. "$(dirname "$0")/../lib.sh"
expect_status 0 aet 1 help
commands=$(sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p' out)
[ "$(echo "$commands" | wc -l)" -ge 5 ] || fail "only these commands: $commands"
for c in $commands; do
    expect_status 0 aet 1 help "$c"
    expect_text out "^aetlas $c: "
    expect_text out "^usage: aetlas $c"
    [ "$c" = help ] || expect_text out '^Examples'
done
cp out first
expect_status 0 aet 1 "$c" --help # the same text
cmp out first
expect_status 0 aet 1 --version
expect_text out '^aetlas [^ ]+$'
expect_status 2 aet 1 help nonsense
expect_status 0 aet 1 help simulate
expect_text out "^  tilt  *a tilt series"
expect_status 0 aet 1 help simulate tilt
expect_text out '^usage: aetlas simulate tilt atoms.h5'
cp out first
expect_status 0 aet 1 simulate tilt --help
cmp out first
expect_status 2 aet 1 help simulate tlit
expect_text err 'did you mean tilt'

# help and wrong words need no MPI: this setting keeps Open MPI from starting
export OMPI_MCA_ess=none
expect_status 0 aet 1 help simulate tilt
expect_status 0 aet 1 trace --help
expect_status 0 aet 1 --version
expect_status 2 aet 1 help simulate tlit
expect_text err 'did you mean tilt'
expect_status 2 aet 1 refine
expect_text err '^aetlas: too few inputs'
