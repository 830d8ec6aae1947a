# ranks: 2
# limit: 300
# What can happen to a campaign: a bad particle, a dead rank, all ranks dead, signals, a stop file.  It says so, and
# run again it ends with the very same result as a campaign that nothing happened to.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../campaign.sh"
campaign_make whole
cp -r whole broken && cp -r whole disturbed

(cd whole && expect_status 0 campaign_run 2 && mv out ../whole.out)
for p in p1 p2 p3 p4; do expect_text whole.out "^$p +done"; done
expect_file whole/results/{summary.csv,groups.csv,report.html,campaign.journal} whole/results/p{1,2,3,4}/measures.h5

# run again: nothing is left to do, and nothing is done
cp whole/results/campaign.journal journal.before
(cd whole && expect_status 0 campaign_run 2)
cmp journal.before whole/results/campaign.journal

# a particle with a damaged input costs itself only
head -c 3000 whole/p2.h5 >broken/p2.h5
(cd broken && expect_status 8 campaign_run 2 && mv out err ..)
expect_text out '^p2 +failed .*p2.h5'
for p in p1 p3 p4; do expect_text out "^$p +done"; done
expect_text err '^aetlas: .*1 of 4'
expect_text broken/results/campaign.journal 'p2.*failed.*p2.h5'
expect_no_file broken/results/p2/tilt.h5 broken/results/p2/measures.h5
(cd broken && expect_status 8 campaign_run 1 && mv out ..) # tried again, and still broken
expect_text out '^p2 +failed'
cp whole/p2.h5 broken/p2.h5
(cd broken && expect_status 0 campaign_run 2)
[ "$(grep -c 'reconstruct.done' broken/results/campaign.journal)" = 4 ] || fail "finished particles were done again"
campaign_same whole broken

# from here on a campaign is disturbed in its middle: after the first volume, while the second is at work
cd disturbed
start() { # ranks: in the background, pid in $run
    rm -rf results stop
    timeout -k 5 60 mpirun -n "$1" "$AETLAS" run campaign.ini >out 2>err &
    launcher=$!
    wait_for 30 one_volume
    run=$(cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (mpirun) . $launcher .*/\1/p")
    [ -n "$run" ] || fail "the campaign was over before it could be disturbed"
}
one_volume() { ls results/*/volume.h5; }
ended() { # its exit status, in $status
    status=0
    wait "$launcher" || status=$?
}
go_on() { # after a disturbance: run again, on another number of ranks, and compare with the undisturbed one
    [ ! -e results/summary.csv ] || fail "$1: there is a summary of half a campaign"
    [ "$(ls results/p*/measures.h5 2>/dev/null | wc -l)" -lt 4 ] || fail "$1: everything was already done"
    expect_status 0 campaign_run "$2"
    [ -z "$(find results -name '*.part*')" ] || fail "$1: partial files were left"
    (cd .. && campaign_same whole disturbed)
}

start 2
kill -KILL "$(rank_pids "$run" | head -n 1)" # one rank dies: mpirun ends the others
ended
[ "$status" != 0 ] && [ "$status" != 124 ] || fail "status $status after the death of one rank"
go_on 'one rank dead' 1

start 2
kill -KILL $(rank_pids "$run") "$run"
ended
[ "$status" != 0 ] || fail "status 0 although all were killed"
go_on 'all dead' 2

start 2
kill -TERM $(rank_pids "$run") # what Slurm sends to all ranks of a job that is cancelled
ended
[ "$status" = 7 ] || { show out err; fail "status $status instead of 7 after SIGTERM"; }
expect_text err '^aetlas: .*(stopped|run again)'
go_on 'SIGTERM' 2

start 2
kill -USR1 "$run" # mpirun passes it on, as Slurm's --signal reaches all ranks
ended
[ "$status" = 7 ] || { show out err; fail "status $status instead of 7 after SIGUSR1"; }
go_on 'SIGUSR1' 1

start 2
touch stop
ended
[ "$status" = 7 ] || { show out err; fail "status $status instead of 7 after the stop file"; }
rm stop
go_on 'stop file' 2
