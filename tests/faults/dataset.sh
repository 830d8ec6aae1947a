# ranks: 2
# limit: 200
# A data set that is killed, stopped, short of disk and continued ends with the very bytes of one that nothing
# happened to.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../campaign.sh"
. "$(dirname "$0")/../dataset.sh"
# long enough on any machine to be disturbed in its middle: about 0.8 s of iterations for each item
dataset_recipe recipe.ini 40
expect_status 0 dataset_make 1 trial --set dataset.train=1 --set dataset.validation=0 --set dataset.test=0
dataset_recipe recipe.ini "$(awk -v s="$(value out seconds_per_item_reconstruction)" 'BEGIN { i = int(32 / (s + 0.001)); print i < 40 ? 40 : i }')"
rm -r trial
expect_status 0 dataset_make 2 whole

start() { # ranks, how many finished items or shards to wait for: in the background, pid in $run
    timeout -k 5 60 mpirun -n "$1" "$AETLAS" simulate dataset recipe.ini -o set >out 2>err &
    launcher=$!
    wait_for 30 finished "$2"
    run=$(cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (mpirun) . $launcher .*/\1/p")
    [ -n "$run" ] || fail "the data set was over before it could be disturbed"
}
finished() {
    [ "$(grep -c 'item.done' set/dataset.journal)" -ge "$1" ]
}
ended() {
    status=0
    wait "$launcher" || status=$?
}
at_work() { # $1 says after what
    [ ! -e set/train.h5 ] || fail "$1: everything was already done"
}

# killed three times in one set, early, in the middle and late, then finished on another number of ranks
for after in 1 3 6; do
    start 2 $after
    kill -KILL $(rank_pids "$run") "$run"
    ended
    [ "$status" != 0 ] || fail "status 0 although all were killed"
    at_work "killed after $after items"
done
before=$(grep -c 'item.done' set/dataset.journal)
expect_status 0 dataset_make 1 set
[ "$(grep -c 'item.done' set/dataset.journal)" -le 12 ] || fail "items were made again and again"
expect_value out items '<=' $((10 - before + 3))
dataset_same whole set

# asked to stop
rm -r set
start 2 2
kill -TERM $(rank_pids "$run")
ended
[ "$status" = 7 ] || { show out err; fail "status $status instead of 7 after SIGTERM"; }
at_work SIGTERM
start 1 3
touch stop
ended
[ "$status" = 7 ] || { show out err; fail "status $status instead of 7 after the stop file"; }
rm stop
expect_status 0 dataset_make 2 set
dataset_same whole set

# a part file of a shard, a truncated item: what is not complete under its name does not count
rm -r set
start 1 2
kill -KILL $(rank_pids "$run") "$run"
ended
: >set/train-00000.h5.part
: >set/items/train-0000004.h5.part
expect_status 0 dataset_make 2 set
dataset_same whole set

# files may not grow to the size of a shard: the items are kept, and the next run goes on from them
large='--set simulate.size=112 --set dataset.store=f32 --set reconstruct.iterations=2 --set dataset.train=2'
large="$large --set dataset.validation=0 --set dataset.test=0"
full() { (ulimit -f 20000 && dataset_make 1 large $large); } # kB; an item has 11,300, a shard 22,600
expect_status 8 full
expect_text err 'file size limit'
expect_text err '1 shards are unfinished'
expect_value out items == 2
expect_no_file large/train-00000.h5 large/train.h5 large/train-00000.h5.part
expect_status 0 dataset_make 1 large $large
expect_value out items == 0
expect_status 0 dataset_make 1 large2 $large
dataset_same large large2
