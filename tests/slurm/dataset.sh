# ranks: 2
# limit: 200
# A data set as a job array under a real srun, and the job that makes its index: the same bytes as without Slurm.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../slurm.sh"
. "$(dirname "$0")/../dataset.sh"
slurm_start
dataset_recipe recipe.ini
expect_status 0 dataset_make 2 whole
export AETLAS
job=$(sbatch --parsable -n 2 --array=1-2 "$AET_ROOT/jobs/dataset.sbatch" recipe.ini -o set)
last=$(sbatch --parsable -n 1 --array=1-1 --dependency=afterany:"$job" "$AET_ROOT/jobs/dataset.sbatch" recipe.ini -o set)
slurm_wait "$job" 90
slurm_wait "$last" 60
for k in "${job}_1" "${job}_2" "${last}_1"; do
    [ "$(slurm_state "$k")" = 'COMPLETED 0:0' ] || { cat aetlas-dataset-*.log >&2; fail "task $k: $(slurm_state "$k")"; }
done
[ "$(grep -c 'item.done' set/dataset.journal)" = 9 ] || fail "items were made twice, or not at all"
dataset_same whole set
