# A small campaign for tests of `aetlas run`.  Use after lib.sh:   . "$(dirname "$0")/../campaign.sh"
#
#   campaign_make FOLDER [N] [S] N (4) tiny PtNi particles p1.., their tilt series and campaign.ini; made once; about S (1) s of work each
#   campaign_run N ARGS...       `aetlas run campaign.ini ARGS` on N ranks, in the folder $PWD
#   campaign_same A B            the same particles, stages and numbers in A/results and B/results
#   rank_pids PID                process ids of the ranks that mpirun (PID) started
#   wait_for SECONDS COMMAND...  until the command succeeds; fails after so many seconds

campaign_make() {
    local i n=${2:-4} s=${3:-1} iterations
    mkdir -p "$1"
    printf 'name\tgroup\tcycles\tinput\n' >"$1/particles.tsv"
    for i in $(seq "$n"); do
        "$AETLAS" simulate particle --shape octahedron --size 5 --species Ni,Pt --fraction 0.4 --seed "$i" \
            -o "$1/p$i-true.h5" -q >/dev/null
        "$AETLAS" simulate tilt "$1/p$i-true.h5" --tilts -64:4:64 --pixel 0.4 -o "$1/p$i.h5" -q >/dev/null
        printf 'p%d\tmodel\t%d\tp%d.h5\n' "$i" $(((i - 1) % 2 * 4000)) "$i" >>"$1/particles.tsv"
    done
    # long enough on any machine to be disturbed in its middle
    "$AETLAS" reconstruct "$1/p1.h5" -o "$1/trial.h5" -q --set reconstruct.iterations=100 >"$1/trial.txt"
    iterations=$(awk -v s="$(value "$1/trial.txt" seconds)" -v want="$s" 'BEGIN { i = int(100 * want / (s + 0.001)); print i < 60 ? 60 : i }')
    rm "$1/trial.h5" "$1/trial.txt"
    cat >"$1/campaign.ini" <<END
[campaign]
name = test
particles = particles.tsv
output = results
species = Ni,Pt
ranks_per_item = 1
pictures = false

[reconstruct]
iterations = $iterations
END
}
campaign_run() {
    local n=$1
    shift
    aet "$n" run campaign.ini "$@"
}
campaign_same() {
    local p
    cmp "$1/results/summary.csv" "$2/results/summary.csv" || fail "the summaries of $1 and $2 differ"
    cmp "$1/results/groups.csv" "$2/results/groups.csv" || fail "the statistics of $1 and $2 differ"
    for p in "$1"/results/p*/; do
        p=$(basename "$p")
        expect_status 0 aet 1 compare "$1/results/$p/volume.h5" "$2/results/$p/volume.h5" -t 0
        expect_status 0 aet 1 compare "$1/results/$p/measures.h5" "$2/results/$p/measures.h5" --keep-shift -t 0
    done
}
rank_pids() {
    cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (aetlas) . $1 .*/\1/p"
}
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "waited too long for: $*"
        sleep 0.1
    done
}
