# ranks: 2
# limit: 240
# What the job scripts make of each exit status, with a stand-in for the program that returns it on request.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../slurm.sh"
slurm_start

cat >aetlas <<'END'
#!/bin/bash
# run CASE.ini [--item K]
echo "case $2 item ${4:-none} task $SLURM_PROCID of $SLURM_NTASKS restart ${SLURM_RESTART_COUNT:-0}"
asked=0
trap 'asked=1' USR1
case $2${4:+$4} in
good.ini | array.ini1) exit 0 ;;
stop.ini | array.ini3)
    [ -z "${SLURM_RESTART_COUNT:-}" ] || exit 0
    touch "waiting${4:-}"
    for _ in $(seq 200); do [ $asked = 1 ] && exit 7; sleep 0.1; done
    exit 70 ;;
asked.ini) exit 7 ;;
partial.ini) exit 8 ;;
bad.ini | array.ini2) exit 3 ;;
dead.ini) [ "$SLURM_PROCID" = 0 ] || kill -KILL $$; sleep 100 ;;
esac
END
chmod +x aetlas
export AETLAS=$PWD/aetlas
submit() { sbatch --parsable -n 2 --chdir="${2:-.}" "$AET_ROOT/jobs/campaign.sbatch" "$1.ini"; }

stop=$(submit stop)
good=$(submit good) partial=$(submit partial) bad=$(submit bad) dead=$(submit dead)
mkdir here && touch here/stop
asked=$(submit asked here)
array=$(sbatch --parsable -n 1 --array=1-3 "$AET_ROOT/jobs/particles.sbatch" array.ini)
summary=$(sbatch --parsable -n 1 --dependency=afterany:"$array" "$AET_ROOT/jobs/campaign.sbatch" good.ini)

for f in waiting waiting3; do
    for _ in $(seq 300); do [ -e $f ] && break; sleep 0.1; done
    [ -e $f ] || fail "the job for $f never started"
done
[ "$(squeue -h -j "$summary" -o %r)" = Dependency ] || fail "the summary job did not wait for the array"
for job in "$stop" "${array}_3"; do
    scancel --signal=USR1 "$job" # what --signal=USR1@120 does two minutes before the limit
    for _ in $(seq 100); do
        case $(squeue -h -r -j "$job" -o '%T') in PENDING) break ;; esac
        sleep 0.1
    done
    scontrol show job "$job" >requeued
    expect_text requeued 'JobState=PENDING'
    expect_text requeued 'Restarts=1'
done
sleep 3 # slurmd refuses a job that it ended in the same second
for job in "$stop" "${array}_3"; do
    scontrol update JobId="$job" StartTime=now # Slurm lets a requeued job wait for two minutes
done
for job in $stop $good $partial $bad $dead $asked $array $summary; do slurm_wait "$job" 60; done

expect_state() { # JOB WANTED
    local got
    got=$(slurm_state "$1")
    [[ "$got" =~ ^$2$ ]] || { scontrol show job "$1" >&2; fail "job $1 ended as $got, wanted $2"; }
}
expect_state "$good" 'COMPLETED 0:0'
expect_text "aetlas-$good.log" 'case good.ini item none task 1 of 2 restart 0'
expect_state "$stop" 'COMPLETED 0:0'
expect_text "aetlas-$stop.log" 'back into the queue .restart 1'
expect_text "aetlas-$stop.log" 'case stop.ini item none task 0 of 2 restart 1'
expect_state "$partial" 'FAILED 8:0'
expect_text "aetlas-$partial.log" 'some particles failed'
expect_state "$bad" 'FAILED 3:0'
expect_text "aetlas-$bad.log" 'failed with status 3; nothing is queued again'
expect_state "$dead" 'FAILED 1(37|43):0' # killed, or ended because the other was
expect_state "$asked" 'FAILED 7:0'
expect_text "here/aetlas-$asked.log" 'remove it and submit again'
expect_state "${array}_1" 'COMPLETED 0:0'
expect_state "${array}_2" 'FAILED 3:0'
expect_state "${array}_3" 'COMPLETED 0:0'
expect_text "aetlas-particle-${array}_3.log" 'case array.ini item 3 task 0 of 1 restart 1'
expect_state "$summary" 'COMPLETED 0:0'
[ -z "$(ls -A | grep launched)" ] || fail "marks of the launch were left behind"
