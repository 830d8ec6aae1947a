# ranks: 2
# Tracing as a whole: 25,000 atoms found, placed and classified by each method, and fitted to images, seconds on 2 ranks.
# And fits of one atom against scipy's curve_fit and numpy's least squares on the same core, where AETLAS_PEERS=DIR (or
# /opt/aet-peers) holds a Python with scipy (tools/peers/setup DIR).
set -u
AET_ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-build}
AETLAS=${AETLAS:-$AET_ROOT/$BUILD/aetlas} RANKS=${RANKS:-2} PEERS=${AETLAS_PEERS:-/opt/aet-peers}
python=$PEERS/venv/bin/python
work=$(mktemp -d) || exit 1
trap 'rm -r "$work"' EXIT
cd "$work" || exit 1
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
status=0
value() { sed -n "s/^$2 = \([-+0-9.e]*\).*/\1/p" "$1"; } # FILE KEY

# ---- 25,000 atoms: a ball of 87.8 A at a = 3.84 A ----
"$AETLAS" simulate particle -q --shape sphere --size 87.8 --displacement 0.1 --species Ni,Pt --fraction 0.4 -o atoms.h5 >model.txt &&
    mpirun -n "$RANKS" "$AETLAS" simulate volume -q atoms.h5 --pixel 0.357 --sigma Ni:0.6,Pt:0.7 -o volume.h5 >volume.txt || exit 1
for way in method=gaussian method=polynomial method=boxes classes=cubes second_pass=true; do
    mpirun -n "$RANKS" "$AETLAS" trace volume.h5 -o traced.h5 --species Ni,Pt --set trace.$way >trace.txt 2>trace.log ||
        { tail -n 5 trace.log >&2; status=1; continue; }
    "$AETLAS" compare -q atoms.h5 traced.h5 --distance 0.5 --keep-shift >compare.txt
    awk -v way="$way" -v atoms="$(value trace.txt atoms)" -v passes="$(value trace.txt passes)" \
        -v recall="$(value compare.txt mutual_fraction)" -v rmsd="$(value compare.txt mutual_rmsd_pm)" '
        / trace(_layers)?  / { s += $NF }
        END { printf "trace %s: %d atoms in %.2f s on the slowest rank, %d passes; recall %.4f, RMSD %.2f pm\n", way, atoms, s, passes, recall, rmsd }' trace.log
done

# ---- the same atoms against 45 images ----
mpirun -n "$RANKS" "$AETLAS" simulate tilt -q atoms.h5 --tilts -66:3:66 --pixel 0.357 --sigma Ni:0.6,Pt:0.7 -o tilt.h5 >tilt.txt &&
    mpirun -n "$RANKS" "$AETLAS" fit traced.h5 tilt.h5 -o fitted.h5 --set fit.rounds=1 >fit.txt 2>fit.log ||
    { tail -n 5 fit.log >&2; status=1; }
"$AETLAS" compare -q atoms.h5 fitted.h5 --distance 0.5 --keep-shift >compare.txt
echo "fit, one round: $(value fit.txt seconds) s, $(value fit.txt products) products of $(value fit.txt seconds_per_product) s," \
    "R1 $(value fit.txt r1_before) to $(value fit.txt r1_after); recall $(value compare.txt mutual_fraction)," \
    "RMSD $(value compare.txt mutual_rmsd_pm) pm"

# ---- one atom ----
if ! "$python" -c 'import scipy' 2>/dev/null; then
    echo "not installed: scipy (tools/peers/setup DIR, then AETLAS_PEERS=DIR)"
    exit $status
fi
taskset -c 0 "$python" "$AET_ROOT/tools/peers/gaussian.py" 300 >peer.txt || status=1
taskset -c 0 mpirun --bind-to none -n 1 "$AET_ROOT/$BUILD/bench/trace" >ours.txt || status=1
for kind in gauss:curve_fit poly:polynomial; do
    awk -v n="${kind%:*}" -v p="$(value peer.txt "${kind#*:}_s")" -v o="$(value ours.txt "${kind%:*}_fits_per_s_per_core")" \
        'BEGIN { printf "ratio trace_%s_scipy = %.3g   (%.3g ms a fit, ours %.3g ms) [target %s]\n", n, p * o, 1e3 * p, 1e3 / o, n == "gauss" ? 20 : "-" }'
done
exit $status
