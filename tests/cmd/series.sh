# Raw series from the command line: shapes, truth, any number of ranks, wrong words.
# san: yes
. "$(dirname "$0")/../lib.sh"
expect_status 0 aet 1 simulate particle --size 5 --species Ni,Pt --fraction 0.4 -o a.h5
make() { # ranks, output, words...
    local n=$1 to=$2
    shift 2
    expect_status 0 aet "$n" simulate series a.h5 --tilts -60:40:60 --pixel 0.4 --dose 1e5 -o "$to" "$@"
}
make 1 r1.h5 --frames 3 --truth t1.h5
expect_value out tilts == 4
expect_value out frames == 3
expect_status 0 aet 1 info r1.h5
expect_text out '^/raw/frames = real32 4 x 3 x [0-9]+ x [0-9]+'
expect_text out '^/truth/matrix = real64 4 x 3 x 4'
expect_text out '^/raw/angles_deg.max = 60$'
mv out info1
make 3 r3.h5 --frames 3 --truth t3.h5
expect_status 0 aet 1 info r3.h5
cmp out info1 || fail "the series depends on the number of ranks"
expect_status 0 aet 1 compare t1.h5 t3.h5 -t 0 # the faultless series
make 1 other.h5 --frames 3 --seed 9
expect_status 0 aet 1 info other.h5
! cmp -s out info1 || fail "another seed made the same series"

wrong() { # STATUS PATTERN ARGS...
    local status=$1 pattern=$2
    shift 2
    expect_status "$status" aet 2 simulate series "$@" -o wrong.h5
    expect_text err "$pattern"
    expect_no_file wrong.h5 wrong.h5.part
}
wrong 2 'give it a dose' a.h5 --tilts 0:1:3
wrong 2 'one of --angles FILE, --tilts' a.h5 --dose 1e5
wrong 2 'frames.*outside' a.h5 --tilts 0:1:3 --dose 1e5 --frames 0
wrong 2 'outruns the scan' a.h5 --tilts 0:1:30 --dose 1e5 --set series.drift_px=100
wrong 3 'missing.h5' missing.h5 --tilts 0:1:3 --dose 1e5
