# ranks: 2
# limit: 120
# A reconstruction that is killed or stopped goes on from the state it kept, with the same result; a damaged state,
# or a disk without room for one, costs a warning only.  The same inside a campaign.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../campaign.sh"
campaign_make whole 1 2
cp whole/p1.h5 tilt.h5
often="--set reconstruct.checkpoint_minutes=0.001"

begin() { # ARGS...: an endless reconstruction in the background, once it has kept its state
    rm -f volume.h5 volume.h5.checkpoint
    timeout -k 5 60 "$AETLAS" reconstruct tilt.h5 -o volume.h5 --set reconstruct.iterations=100000 "$@" >out 2>err &
    launcher=$!
    wait_for 30 grep -q 'state kept' err
    run=$(cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (aetlas) . $launcher .*/\1/p")
    [ -n "$run" ] || fail "the reconstruction was over before it could be disturbed"
}
go_on() { # RANKS TOLERANCE ARGS...: a few iterations more, compared with as many in one go
    local n=$1 tolerance=$2 done from all
    shift 2
    done=$(sed -n 's/.*after iteration \([0-9]*\): state kept.*/\1/p' err | tail -n 1)
    all=$((done + 20))
    expect_status 0 aet "$n" reconstruct tilt.h5 -o volume.h5 --set reconstruct.iterations=$all "$@"
    from=$(sed -n 's/.*going on after iteration \([0-9]*\)$/\1/p' err)
    # killed between keeping a state and saying so, it goes on from the one it did not speak of
    [ "${from:-0}" -ge "$done" ] || fail "went on after iteration ${from:-none}, not $done"
    expect_value out iterations '==' $all
    expect_no_file volume.h5.checkpoint
    expect_status 0 aet 1 reconstruct tilt.h5 -o straight.h5 --set reconstruct.iterations=$all "$@"
    expect_no_text err 'going on'
    expect_status 0 aet 1 compare straight.h5 volume.h5 -t "$tolerance"
}
begin $often
kill -KILL "$run"
wait "$launcher" || true
rm -f volume.h5.checkpoint.part # where it was killed in the middle of one
go_on 1 0

begin $often
kill -TERM "$run"
status=0
wait "$launcher" || status=$?
[ $status = 7 ] || fail "status $status instead of 7 after SIGTERM"
expect_text err '^aetlas: .*its state is kept in volume.h5.checkpoint'
go_on 2 1e-4 # on other ranks: up to rounding

# nothing withheld: with two passes, another number of iterations is another reconstruction
fast="--set reconstruct.method=genfire-fast --set reconstruct.withheld=0"
begin $often $fast
kill -KILL "$run"
wait "$launcher" || true
go_on 1 1e-4 $fast # FFT plans are measured anew

# a state cut short is told and left aside
begin $often
kill -KILL "$run"
wait "$launcher" || true
truncate -s -1000 volume.h5.checkpoint
expect_status 0 aet 1 reconstruct tilt.h5 -o volume.h5 --set reconstruct.iterations=5
expect_text err 'warn .*volume.h5.checkpoint is damaged'
expect_value out iterations '==' 5

# no room for a state, but for the volume
if unshare -rm true 2>/dev/null && unshare -rm sh -c 'mount -t tmpfs none /mnt' 2>/dev/null; then
    size=$(($(stat -c %s volume.h5) + 400000)) # a state of genfire-fast is three times as large
    cat >in_small_disk.sh <<'END2'
mkdir small && mount -t tmpfs -o size=$1 none small || exit 99
shift
"$@"
END2
    expect_status 0 unshare -rm sh in_small_disk.sh $size "$AETLAS" reconstruct tilt.h5 -o small/volume.h5 $fast \
        --set reconstruct.iterations=20 --set reconstruct.checkpoint_minutes=1e-6
    expect_text err 'warn .*state could not be kept, the iteration goes on: .*no space'
fi

# a campaign killed in the middle of a reconstruction
cp -r whole killed
(cd whole && expect_status 0 campaign_run 1)
cd killed
timeout -k 5 60 "$AETLAS" run campaign.ini $often >out 2>err &
launcher=$!
wait_for 30 test -e results/p1/volume.h5.checkpoint
kill -KILL "$(cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (aetlas) . $launcher .*/\1/p")"
wait "$launcher" || true
[ ! -e results/p1/volume.h5 ] || fail "the reconstruction was over before it could be killed"
expect_status 0 campaign_run 1
expect_text err 'volume.h5.checkpoint: going on after iteration [1-9]'
expect_no_file results/p1/volume.h5.checkpoint
cd ..
campaign_same whole killed
