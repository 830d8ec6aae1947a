# simulate stem from its command line: series, rank independence, refusals.
# san: yes
. "$(dirname "$0")/../lib.sh"

expect_status 0 aet 1 simulate particle --shape cuboctahedron --size 2 --species Ni,Pt --fraction 0.4 --seed 3 -o a.h5
quick="--set stem.energy_keV=80 --set stem.adf_inner_mrad=60 --set stem.adf_outer_mrad=110 --margin 1.5"
# shellcheck disable=SC2086
stem() { # RANKS ARGS...
    local ranks=$1
    shift
    aet "$ranks" simulate stem a.h5 $quick "$@"
}
expect_status 0 stem 1 --tilts -40:40:40 --phonons 2 --pixel 0.6 -o s1.h5
expect_value out images == 3
expect_value out pixel_A == 0.6
expect_value out fraction_max '>' 0.01
expect_value out fraction_max '<' 0.5
expect_text err '3 tilts x 2 configurations.*band to'
expect_text err 'GB per rank'
expect_status 0 stem 3 --tilts -40:40:40 --phonons 2 --pixel 0.6 -o s3.h5
expect_status 0 aet 1 compare s1.h5 s3.h5 -t 0
expect_status 0 stem 2 --like s1.h5 --phonons 2 -o s2.h5
expect_status 0 aet 1 compare s1.h5 s2.h5 -t 0
expect_status 0 stem 2 --tilts -40:40:40 --phonons 2 --pixel 0.6 --dose 1e5 -o n.h5
expect_text err 'dose 100000'
expect_status 1 aet 1 compare s1.h5 n.h5 -t 1e-3

wrong() { # STATUS PATTERN ARGS...
    local status=$1 pattern=$2
    shift 2
    expect_status "$status" stem 2 --tilts 0:1:0 --phonons 0 "$@" -o wrong.h5
    expect_text err "$pattern"
    expect_no_file wrong.h5 wrong.h5.part
}
wrong 2 'stem.sampling_A <= 0.1265' --set stem.sampling_A=0.2
wrong 2 'more than stem.memory_GB' --set stem.memory_GB=0.01 --set stem.cell_A=200
wrong 2 'thermal_unit' --set stem.thermal_unit=nm
