# ranks: 2
# How many atoms of published and built particles come back from simulated series, before and after the fit to the
# images: found (of all), false (of all), RMSD, species right; of all atoms, of the two outermost layers, of the core.
# Models: Yang et al., Nat. Catal. 7, 796 (2024), at their tilt angles; found through AETLAS_DATA or in ../shared/data.
#
# Traced with the positions of Gaussians and of polynomials; the perfect crystal with the second pass, made for those.
# `truth`, for noisy series: the fit that starts from the true atoms, what noise lets anybody find.
#
# MODELS="p5 p7 ..." (p5; BIG=1: p3 p5 p7 S6 and octa, an octahedron of 9224 atoms); DOSES="clean 3e5" in e/A^2 of the whole
# series; TRACE="trace.blob_A=0.6 ..." and FIT="fit.rounds=2 ..." settings.  Minutes for each model and dose.
set -eu
AET_ROOT=$(cd "$(dirname "$0")/../.." && pwd)
AETLAS=${AETLAS:-$AET_ROOT/${BUILD:-build}/aetlas} RANKS=${RANKS:-2}
models=${MODELS:-${BIG:+p3 }p5${BIG:+ p7 S6 octa}} doses=${DOSES:-clean 3e5}
AETLAS_DATA=$(cd "${AETLAS_DATA:-$AET_ROOT/../shared/data}" && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -r "$work"' EXIT
cd "$work"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

aet() { mpirun -n "$1" "$AETLAS" "${@:2}" 2>>log || { tail -n 5 log >&2; exit 1; }; }
value() { sed -n "s/^$2 = \([-+0-9.e]*\).*/\1/p" "$1"; } # FILE KEY

make_model() { # NAME: atoms.h5 and the parts of it by depth, angles
    if [ "$1" = octa ]; then
        angles=$AETLAS_DATA/ptni/angles/angle_p5.mat
        aet 1 simulate particle --shape octahedron --size 24 --species Ni,Pt --fraction 0.25 --displacement 0.1 \
            --rotate 20,35,50 --seed 3 -o atoms.h5 >model.txt
    else
        angles=$AETLAS_DATA/ptni/angles/angle_$1.mat
        aet 1 import --atoms "$AETLAS_DATA/ptni/model/model_$1.mat" --types "$AETLAS_DATA/ptni/types/atoms_$1.mat" \
            --species Ni,Pt -o atoms.h5 >model.txt
    fi
    aet 1 analyse atoms.h5 -o measures.h5 >analyse.txt
    aet 1 export measures.h5 -o measures.xyz
    for part in outer core; do # the number of the column of `layer` comes from the list of columns
        awk -v part=$part 'NR == 2 {
                sub(/.*Properties=/, ""); sub(/ .*/, ""); n = split($0, p, ":")
                for (i = 1; i <= n; i += 3) { at++; if (p[i] == "layer") column = at; at += p[i + 2] - 1 }
            }
            NR > 2 && ($column >= 1 && $column <= 2) == (part == "outer") { line[++k] = $1 " " $2 " " $3 " " $4 }
            END { print k; print part; for (i = 1; i <= k; i++) print line[i] }' measures.xyz >$part.xyz
        aet 1 import --atoms $part.xyz -o $part.h5 >part.txt
    done
}

row() { # MODEL DOSE WHEN FILE
    local part reference
    for part in all outer core; do
        reference=$part.h5
        [ $part = all ] && reference=atoms.h5
        aet 1 compare $reference "$4" --distance 0.7 --keep-shift >compare.txt
        awk -v m="$1" -v d="$2" -v w="$3" -v p=$part -v n="$(value compare.txt atoms_a)" -v found="$(value compare.txt mutual_fraction)" \
            -v false="$(value compare.txt false)" -v rmsd="$(value compare.txt mutual_rmsd_pm)" \
            -v right="$(value compare.txt mutual_species_fraction)" 'BEGIN {
                printf "%-5s %-6s %-7s %-6s %6d atoms  found %6.2f %%  false %s  rmsd %5.1f pm  species %6.2f %%\n", m, d, w, p, n,
                    100 * found, p == "all" ? sprintf("%5.2f %%", 100 * false / n) : "      -", rmsd, 100 * right }'
    done
}

for model in $models; do
    make_model "$model"
    for dose in $doses; do
        noise=() traced=() settings=()
        [ "$dose" = clean ] || noise=(--dose "$dose")
        [ "$model" != octa ] || traced=(--set trace.second_pass=true --set trace.lattice_A=3.84)
        for s in ${TRACE:-}; do traced+=(--set "$s"); done
        for s in ${FIT:-}; do settings+=(--set "$s"); done
        aet "$RANKS" simulate tilt atoms.h5 --angles "$angles" --pixel 0.357 --sigma Ni:0.6,Pt:0.7 "${noise[@]}" -o tilt.h5 >tilt.txt
        aet "$RANKS" reconstruct tilt.h5 -o volume.h5 --set reconstruct.iterations=30 >volume.txt
        aet "$RANKS" trace volume.h5 -o polynomial.h5 --species Ni,Pt "${traced[@]}" --set trace.method=polynomial >trace.txt
        row "$model" "$dose" poly polynomial.h5
        aet "$RANKS" trace volume.h5 -o traced.h5 --species Ni,Pt "${traced[@]}" >trace.txt
        row "$model" "$dose" traced traced.h5
        aet "$RANKS" fit traced.h5 tilt.h5 -o fitted.h5 "${settings[@]}" >fit.txt
        row "$model" "$dose" fitted fitted.h5
        echo "$model $dose: R1 $(value fit.txt r1_before) before, $(value fit.txt r1_after) after; $(value fit.txt added) added," \
            "$(value fit.txt dropped) dropped, $(value fit.txt changed) changed; $(value fit.txt products) products of" \
            "$(value fit.txt seconds_per_product) s, $(value fit.txt seconds) s in all on $RANKS ranks"
        [ "$dose" = clean ] || {
            aet "$RANKS" fit atoms.h5 tilt.h5 -o limit.h5 "${settings[@]}" >limit.txt
            row "$model" "$dose" truth limit.h5
        }
    done
done
