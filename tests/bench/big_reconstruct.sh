# ranks: 2
# GENFIRE as the papers run it - DFT gridding with radius 0.1, oversampling 4, 49 tilts, 3.4e5 electrons per A^2 -
# on a simulated particle of known truth: memory, set-up, time per iteration and, against the truth, what comes
# out after 1000 plain iterations, after 80, and where the accelerated methods stop by themselves.
# A particle of 900 atoms in 128^3 voxels; BIG=1: of 24,000 in 384^3, 4 GB and, on two cores, an hour.  SIZE=N: any.
#
# Rows: y being the only tilt axis, slices are solved one by one; `whole`: all together, as series with other tilts are.
# Columns: `memory` of all ranks; `corr` with the true volume; `found`: share of the atoms that tracing finds within
# 0.7 A, and their `rmsd`.  The correlation falls when noise is fitted and does not tell how well atoms can be told
# apart, which is what the volume is for.
set -u
AET_ROOT=$(cd "$(dirname "$0")/../.." && pwd)
AETLAS=${AETLAS:-$AET_ROOT/${BUILD:-build}/aetlas} RANKS=${RANKS:-2}
SIZE=${SIZE:-$([ -n "${BIG:-}" ] && echo 384 || echo 128)}
work=$(mktemp -d) || exit 1
trap 'rm -r "$work"' EXIT
cd "$work" || exit 1
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 AETLAS_WISDOM=$work/wisdom

die() { # WHAT LOG
    echo "failed: $1" >&2
    tail -n 5 "$2" >&2
    exit 1
}
value() { sed -n "s/^$2 = \([-+0-9.e]*\).*/\1/p" "$1"; } # FILE KEY
aet() { mpirun -n "$RANKS" "$AETLAS" "$@" >out.txt 2>log.txt || die "$*" log.txt; }
phase() { sed -n "s/.*  $1  *\([0-9.]*\)  *\([0-9.]*\)  *\([0-9.]*\)$/\3/p" rec.log; }

grid="--size $SIZE --pixel 0.357 --sigma 0.62"
aet simulate particle --shape sphere --size "$(awk -v n="$SIZE" 'BEGIN { print n * 87 / 384 }')" --species Ni,Pt \
    --fraction 0.4 --displacement 0.1 --rotate random -o model.h5
echo "atoms = $(value out.txt atoms)"
aet simulate volume model.h5 $grid -o truth.h5
aet simulate tilt model.h5 $grid --tilts -65:2.68:63.7 --dose 3.4e5 -o tilt.h5

row() { # NAME KEY=VALUE...
    local name=$1 sets=(oversampling=4 radius=0.1 checkpoint_minutes=0) args=()
    shift
    for s in "${sets[@]}" "$@"; do args+=(--set "reconstruct.$s"); done
    mpirun -n "$RANKS" "$AETLAS" reconstruct tilt.h5 -o volume.h5 "${args[@]}" >rec.txt 2>rec.log || die "$name" rec.log
    aet compare truth.h5 volume.h5
    local correlation=$(value out.txt correlation) setup
    setup=$(awk -v a="$(phase 'fourier gridding')" -v b="$(phase 'genfire kernel')" -v c="$(phase 'resire bound')" 'BEGIN { print a + b + c }')
    aet trace volume.h5 -o traced.h5 --species Ni,Pt
    aet compare model.h5 traced.h5 --distance 0.7
    awk -v name="$name" -v it="$(value rec.txt iterations)" -v s="$(value rec.txt seconds)" -v set="$setup" \
        -v mem="$(value rec.txt peak_memory_MiB)" -v n="$RANKS" -v c="$correlation" \
        -v f="$(value out.txt mutual_fraction)" -v r="$(value out.txt mutual_rmsd_pm)" 'BEGIN {
        printf "%-24s %6d %8.2f GB %8.1f s %8.3f s %8.1f s %7.3f %7.3f %6.1f pm\n",
            name, it, n * mem * 1.048576e-3, set, s / it, s, c, f, r }'
}
printf '%-24s %6s %11s %10s %10s %10s %7s %7s %9s\n' "$SIZE^3, $RANKS ranks" steps memory set-up "a step" all corr found rmsd
row "genfire-fast" method=genfire-fast
row "genfire, 80" method=genfire iterations=80
row "genfire, 1000" method=genfire iterations=1000
row "resire-fast, images apart" method=resire-fast withheld=0.05
row "genfire-fast, whole" method=genfire-fast limit=sphere
row "genfire, 80, whole" method=genfire iterations=80 limit=sphere
[ -n "${BIG:-}" ] && [ -z "${ALL:-}" ] || row "genfire, 1000, whole" method=genfire iterations=1000 limit=sphere
