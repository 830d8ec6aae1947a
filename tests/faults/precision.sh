# ranks: 2
# A precision that is killed, stopped and continued ends as one that nothing happened to; what does not belong
# together is refused.
# limit: 200
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../campaign.sh"
. "$(dirname "$0")/../precision.sh"
precision_make -60:20:60
run="$prism --set stem.phonons=3 --found found.h5"
kept() { # how many items are there at least
    [ "$(ls p.h5.work/images/*.sums 2>/dev/null | wc -l)" -ge "$1" ]
}
expect_status 0 aet 1 precision a.h5 m.h5 -o whole.h5 $run
cp out whole.txt
mv found.h5 whole_found.h5

# killed among the images, on one rank and on two, then stopped; the last run finds most of it there
start() { # ranks
    if [ "$1" = 1 ]; then
        timeout -k 5 60 "$AETLAS" precision a.h5 m.h5 -o p.h5 $run >out 2>err &
    else
        timeout -k 5 60 mpirun -n "$1" "$AETLAS" precision a.h5 m.h5 -o p.h5 $run >out 2>err &
    fi
    launcher=$!
    wait_for 30 grep -q ' info ' err # from here on it hears signals
    wait_for 30 kept "$2"
    [ ! -e p.h5 ] || fail "it was over before it could be disturbed"
}
ended() {
    status=0
    wait "$launcher" || status=$?
}
child=$(printf '\\(aetlas\\|mpirun\\)')
pid() { cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) ($child) . $launcher .*/\1/p"; }
start 1 3
kill -KILL "$(pid)"
ended
[ "$status" != 0 ] || fail "status 0 although it was killed"
start 2 6
mpi=$(pid)
kill -KILL $(rank_pids "$mpi") "$mpi"
ended
start 1 9
kill -TERM "$(pid)"
ended
[ "$status" = 7 ] || { show out err; fail "status $status instead of 7 after SIGTERM"; }
expect_file p.h5.work/images/tilt-00000-00000.sums
expect_no_file p.h5
: >p.h5.work/images/tilt-00006-00002.sums.part
expect_status 0 aet 1 precision a.h5 m.h5 -o p.h5 $run
expect_text err '(9|1[0-9]|20) of 21 items are there already'
diff whole.txt out >&2 || fail "other numbers after all this"
expect_status 0 aet 1 compare whole_found.h5 found.h5 --keep-shift -t 0
expect_no_file p.h5.work

# stopped in the reconstruction: images and iterations are kept
long="--set precision.images=linear --set reconstruct.iterations=100000"
brief="--set precision.images=linear --set reconstruct.iterations=2"
timeout -k 5 60 "$AETLAS" precision a.h5 m.h5 -o p2.h5 $long >out 2>err &
launcher=$!
wait_for 30 grep -q 'reconstructing' err
touch stop
ended
[ "$status" = 7 ] || { show out err; fail "status $status instead of 7 after the stop file"; }
rm stop
expect_file p2.h5.work/checkpoint

# model and series of different particles, of different angles; no angles; no species
refused() { # STATUS PATTERN MODEL SERIES ARGS...
    local status=$1 pattern=$2
    shift 2
    expect_status "$status" aet 2 precision "$@" -o no.h5 $brief
    expect_text err "$pattern"
    expect_no_file no.h5 no.h5.work
}
aet 1 simulate particle --shape octahedron --size 7 --species Ni,Pt --fraction 0.4 --rotate random --seed 5 -o b.h5 -q >/dev/null
refused 3 'do not belong together' b.h5 m.h5
"$AETLAS" export m.h5 -o m.mrc -q >/dev/null
refused 3 'm.mrc' a.h5 m.mrc # images alone: no angles
refused 3 '/tilt/images' a.h5 a.h5
printf '%s\n' -50 -30 -10 10 30 50 70 >wrong.tlt
aet 1 import --images m.mrc --angles wrong.tlt -o wrong.h5 -q >/dev/null
refused 3 'do not belong together' a.h5 wrong.h5
refused 3 'none.h5' none.h5 m.h5
refused 2 'precision.seed' a.h5 m.h5 --set precision.seed=-1
printf '2\n\nX 0 0 0\nX 0 0 2.7\n' >x.xyz
refused 3 'has no species' x.xyz m.h5
