# ranks: 2
# GENFIRE and RESIRE against the programs that groups use, on the same simulated series and as many cores:
# GENFIRE-Python, the published RESIRE under Octave, ASTRA's SIRT.  tools/peers/setup DIR installs them, and
# AETLAS_PEERS=DIR names the place (without it: /opt/aet-peers); what is not there is said and left out.
# Five minutes on two free cores.  BIG=1: also 128^3 at oversampling 4, 256^3, DFT gridding at 128^3: 20 minutes
# more, 15 GB.
set -u
AET_ROOT=$(cd "$(dirname "$0")/../.." && pwd)
AETLAS=${AETLAS:-$AET_ROOT/${BUILD:-build}/aetlas} RANKS=${RANKS:-2} PEERS=${AETLAS_PEERS:-/opt/aet-peers}
tools=$AET_ROOT/tools/peers
python=$PEERS/venv/bin/python
work=$(mktemp -d) || exit 1
trap 'rm -r "$work"' EXIT
cd "$work" || exit 1
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 AETLAS_WISDOM=$work/wisdom
status=0

cores() { taskset -c "0-$(($1 - 1))" "${@:2}"; } # N COMMAND...: on N cores
value() { sed -n "s/^$2 = \([-+0-9.e]*\).*/\1/p" "$1"; } # FILE KEY
ratio() { # NAME PEER OURS TARGET WHAT
    awk -v n="$1" -v p="$2" -v o="$3" -v t="$4" -v w="$5" 'BEGIN {
        printf "ratio %s = %.3g   (%s, %.4g s, over ours, %.4g s) [target %s]\n", n, p / o, w, p, o, t }'
}
absent() { echo "not installed: $1 (tools/peers/setup DIR, then AETLAS_PEERS=DIR)"; }
failed() {
    echo "failed: $1" >&2
    tail -n 5 "$2" >&2
    status=1
}
ours() { # RANKS TILT OUT KEY=VALUE...: prints seconds of the whole command
    local n=$1 tilt=$2 out=$3 sets=() start
    shift 3
    for s; do sets+=(--set "reconstruct.$s"); done
    start=$(date +%s.%N)
    mpirun -n "$n" "$AETLAS" reconstruct "$tilt" -o "$out" "${sets[@]}" >ours.txt 2>ours.log ||
        failed "reconstruct $*" ours.log
    awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { print b - a }'
}
per_iteration() { awk -v s="$(value ours.txt seconds)" -v n="$(value ours.txt iterations)" 'BEGIN { print s / n }'; }
solver() { awk -v a="$(phase 'fourier gridding')" -v b="$(phase 'genfire kernel')" -v c="$(phase 'genfire steps')" 'BEGIN { print a + b + c }'; }
phase() { sed -n "s/.*  $1  *\([0-9.]*\)  *\([0-9.]*\)  *\([0-9.]*\)$/\3/p" ours.log; }
series() { # SIZE: a particle that fills half of it, single-axis, 41 tilts, as in the published tests
    [ -e "tilt$1.h5" ] && return
    "$AETLAS" simulate particle -q --shape sphere --size "$(awk -v n="$1" 'BEGIN { print 0.5 * n * 0.357 }')" \
        --displacement 0.1 -o atoms.h5 >simulate.txt &&
        mpirun -n "$RANKS" "$AETLAS" simulate tilt -q atoms.h5 --tilts -70:3.5:70 --pixel 0.357 --size "$1" \
            --margin 0 -o "tilt$1.h5" >simulate.txt || failed "simulate $1" simulate.txt
}
genfire_python() { # SIZE OVERSAMPLING GRIDDING ITERATIONS VOLUME...
    cores "$RANKS" "$python" "$tools/genfire.py" "$PEERS/genfire-python" "tilt$1.h5" "$2" 0.3 "$3" "$4" "$RANKS" \
        "${@:5}" >peer.txt 2>peer.log || failed "GENFIRE-Python $*" peer.log
}

# ---- GENFIRE-Python ----

genfire_iteration() { # SIZE OVERSAMPLING TARGET PEER_ITERATIONS
    series "$1"
    genfire_python "$1" "$2" FFT "$4"
    ours "$RANKS" "tilt$1.h5" out.h5 method=genfire gridding=fft oversampling="$2" \
        iterations=$((40000000 / ($1 * $1 * $1) + 20)) >whole.txt
    ratio "genfire_python_iteration_$1_s$2" "$(value peer.txt iteration_s)" "$(per_iteration)" "$3" \
        "GENFIRE-Python, $1^3, oversampling $2"
    echo "its gridding by FFT: $(value peer.txt gridding_s) s"
}
memory() { # METHOD LIMIT: peaks of all ranks together, less those of ranks that do next to nothing
    local peaks
    series 128
    for size in 32 128; do
        series $size
        mpirun -n "$RANKS" /usr/bin/time -f "peak %M" "$AETLAS" reconstruct "tilt$size.h5" -o out.h5 \
            --set reconstruct.method="$1" --set reconstruct.limit="$2" --set reconstruct.gridding=fft \
            --set reconstruct.oversampling=4 \
            --set reconstruct.iterations=3 >ours.txt 2>ours.log || failed "memory $1" ours.log
        peaks[$size]=$(awk '$1 == "peak" { sum += $2 } END { print sum }' ours.log)
    done
    awk -v a="${peaks[32]}" -v b="${peaks[128]}" -v m="$1_$2" 'BEGIN {
        printf "memory_%s = %.0f bytes per voxel   (128^3, oversampling 4, all ranks; the whole grid in single precision: 256)\n",
            m, (b - a) * 1024 / (128 ^ 3 - 32 ^ 3) }'
}
genfire_gridding() { # SIZE
    series "$1"
    genfire_python "$1" 2 DFT 1
    ours "$RANKS" "tilt$1.h5" out.h5 method=genfire gridding=dft oversampling=2 limit=sphere iterations=1 >whole.txt
    ratio "genfire_python_dft_gridding_$1" "$(value peer.txt gridding_s)" "$(phase 'fourier gridding')" 50 \
        "GENFIRE-Python's DFT gridding, 41 images of $1^2, oversampling 2"
}
misfit_step() { # TILT ITERATIONS SETS...: sorted in two files, the seconds of three runs: of the solver, of the whole command
    local tilt=$1 k=$2 i
    shift 2
    for i in 1 2 3; do
        ours "$RANKS" "$tilt" "fast$k.h5" method=genfire-fast withheld=0 iterations="$k" "$@" >>"whole$k.txt"
        solver >>"solver$k.txt"
    done
    sort -n -o "whole$k.txt" "whole$k.txt"
    sort -n -o "solver$k.txt" "solver$k.txt"
}
genfire_misfit() { # SIZE OVERSAMPLING GRIDDING ITERATIONS: gridding and iterations to GENFIRE-Python's own misfit, and the whole command
    local files=() steps="6 8 10 12 15 18 21 24 27 30 33 36 40 50 70 100" low k peer
    series "$1"
    rm -f whole[0-9]*.txt solver[0-9]*.txt
    low=$(echo "$3" | tr FDT fdt)
    for k in $steps; do
        misfit_step "tilt$1.h5" "$k" gridding="$low" oversampling="$2"
        files+=("fast$k.h5")
    done
    genfire_python "$1" "$2" "$3" "$4" "${files[@]}"
    for k in $steps none; do
        awk -v a="$(value peer.txt "misfit fast$k.h5")" -v b="$(value peer.txt misfit)" 'BEGIN { exit !(a != "" && a <= b) }' && break
    done
    [ $k = none ] && { echo "GENFIRE-Python's misfit of $(value peer.txt misfit) was not reached"; return; }
    echo "misfits, both by its own measure: its $(value peer.txt misfit), ours $(value peer.txt "misfit fast$k.h5")"
    peer=$(awk -v a="$(value peer.txt gridding_s)" -v b="$(value peer.txt iterations_s)" 'BEGIN { print a + b }')
    ratio "genfire_python_to_misfit_$1_s$2" "$peer" "$(sed -n 2p "solver$k.txt")" 300 \
        "GENFIRE-Python, $1^3, oversampling $2, $3 gridding and $4 iterations; ours: gridding, kernel and $k accelerated iterations, median of three"
    ratio "genfire_python_to_misfit_$1_s$2_whole" "$peer" "$(sed -n 2p "whole$k.txt")" - \
        "the same against our whole command, from starting MPI to the written volume"
}

# ---- RESIRE and SIRT ----

resire() {
    series 128
    "$python" "$tools/to_mat.py" tilt128.h5 series.mat || failed to_mat.py peer.log
    cores "$RANKS" env OMP_NUM_THREADS="$RANKS" octave-cli --no-gui -q "$tools/resire.m" "$PEERS/resire/2_RESIRE_package" \
        series.mat 3 3 >peer.txt 2>peer.log || [ -n "$(value peer.txt iteration_s)" ] || failed RESIRE peer.log
    ours "$RANKS" tilt128.h5 out.h5 method=resire iterations=20 >whole.txt
    ratio resire_octave_128 "$(value peer.txt iteration_s)" "$(per_iteration)" 50 "published RESIRE under Octave, 128^3, oversampling 3"
    echo "its set-up: $(value peer.txt setup_s) s"
}
sirt() {
    series 128
    cores 1 "$python" "$tools/sirt.py" tilt128.h5 20 >peer.txt 2>peer.log || failed ASTRA peer.log
    ours 1 tilt128.h5 out.h5 method=resire iterations=10 >whole.txt
    ratio resire_astra_sirt_128 "$(value peer.txt iteration_s)" "$(per_iteration)" 5 "ASTRA's SIRT slice by slice, 128^3, one core; ours: one core"
}

if [ -x /usr/bin/time ]; then
    memory genfire auto
    memory genfire sphere
    memory genfire-fast sphere
    memory resire auto
else
    echo "not installed: /usr/bin/time, which tells the peak of memory"
fi
if [ -x "$python" ] && QT_QPA_PLATFORM=offscreen PYTHONPATH=$PEERS/genfire-python "$python" -c 'import genfire' 2>peer.log; then
    genfire_iteration 128 2 25 4
    genfire_iteration 64 4 200 4
    genfire_gridding 64
    genfire_misfit 128 2 FFT 100
    if [ -n "${BIG:-}" ]; then
        genfire_iteration 256 2 25 2
        genfire_iteration 128 4 200 2
        genfire_gridding 128
        genfire_misfit 128 4 FFT 20
    fi
else
    absent GENFIRE-Python
fi
if command -v octave-cli >octave.txt && [ -e "$PEERS/resire/2_RESIRE_package/src/splinterp/splinterp3.mex" ]; then
    resire
else
    absent "RESIRE (needs Octave too)"
fi
if [ -x "$python" ] && "$python" -c 'import astra' 2>peer.log; then
    sirt
else
    absent "ASTRA toolbox"
fi
exit $status
