# ranks: 2
# limit: 300
# `aetlas run` under a real srun: stopped before the time limit, requeued, finished; and as a job array with a
# summary job behind it.  Both end with the same results as mpirun.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../slurm.sh"
. "$(dirname "$0")/../campaign.sh"
slurm_start
campaign_make whole 3 2
cp -r whole one && cp -r whole array
(cd whole && expect_status 0 campaign_run 2)

export AETLAS
for n in 1 3; do # the program comes up under srun and PMIx as so many ranks, not as so many programs
    expect_status 0 srun --mpi=pmix -n $n "$AETLAS" selftest fft
done

cd one
job=$(sbatch --parsable -n 2 "$AET_ROOT/jobs/campaign.sbatch" campaign.ini)
one_volume() { ls results/*/volume.h5; }
wait_for 60 one_volume
scancel --signal=USR1 "$job" # what --signal=USR1@120 does two minutes before the limit
requeued() { [ "$(squeue -h -j "$job" -o %T)" = PENDING ]; }
wait_for 30 requeued
expect_no_file results/summary.csv
sleep 3 # slurmd refuses a job that it ended in the same second
scontrol update JobId="$job" StartTime=now
slurm_wait "$job" 90
[ "$(slurm_state "$job")" = 'COMPLETED 0:0' ] || { cat "aetlas-$job.log" >&2; fail "job: $(slurm_state "$job")"; }
expect_text "aetlas-$job.log" 'back into the queue .restart 1'
cd ..
campaign_same whole one

cd array
job=$(sbatch --parsable -n 1 --array=1-3 "$AET_ROOT/jobs/particles.sbatch" campaign.ini)
last=$(sbatch --parsable -n 1 --dependency=afterany:"$job" "$AET_ROOT/jobs/campaign.sbatch" campaign.ini)
slurm_wait "$job" 120
slurm_wait "$last" 60
for k in 1 2 3; do
    [ "$(slurm_state "${job}_$k")" = 'COMPLETED 0:0' ] || fail "task $k: $(slurm_state "${job}_$k")"
done
[ "$(slurm_state "$last")" = 'COMPLETED 0:0' ] || { cat "aetlas-$last.log" >&2; fail "summary: $(slurm_state "$last")"; }
[ "$(grep -c 'reconstruct.done' results/campaign.journal)" = 3 ] || fail "the summary job did particles again"
cd ..
campaign_same whole array
