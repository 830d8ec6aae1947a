# ranks: 2
# An amorphous model of three elements, the published metallic glass (Yang et al., Nature 592, 60 (2021)): a ball of 15 A
# cut out of it, its true volume traced, then one reconstructed from noisy images at the published angles.
# limit: 200
. "$(dirname "$0")/../lib.sh"
atoms=$(data metallic_glass/MG_final_atom_coord_inA.mat)
types=$(data metallic_glass/MG_final_atom_types.mat)
angles=$(data metallic_glass/Angles.mat)
aet 1 import --atoms "$atoms" --types "$types" --species Co,Pd,Pt --center com -o whole.h5 -q >import.txt
aet 1 export whole.h5 -o whole.xyz -q
awk 'NR > 2 && $2 * $2 + $3 * $3 + $4 * $4 < 225 { line[++n] = $1 " " $2 " " $3 " " $4 }
    END { print n; print "ball"; for (i = 1; i <= n; i++) print line[i] }' whole.xyz >ball.xyz
aet 1 import --atoms ball.xyz -o ball.h5 -q >import.txt
glass=(--species Co,Pd,Pt --set trace.min_distance_A=1.8)
blur=(--pixel 0.347 --sigma 0.6)

# The true volume: nothing lies on a lattice, pairs down to 2 A overlap, and all are found.
aet 1 simulate volume ball.h5 -o truth.h5 "${blur[@]}" -q >truth.txt
aet 2 trace truth.h5 -o traced.h5 "${glass[@]}" -q >traced.txt
aet 1 compare ball.h5 traced.h5 --distance 1 --keep-shift -q >compare.txt
expect_value compare.txt mutual_fraction '>=' 0.995
expect_value compare.txt mutual_rmsd_pm '<=' 3
expect_value compare.txt mutual_species_fraction '>=' 0.995
# It has no lattice whose layers a second pass could read.
aet 1 trace truth.h5 -o other.h5 "${glass[@]}" --set trace.second_pass=true >other.txt 2>other.log
expect_text other.log 'no second pass: only [0-9]* of [0-9]* atoms lie on one fcc lattice'
expect_value other.txt layers == 0
expect_value other.txt atoms == "$(value traced.txt atoms)"

aet 1 simulate tilt ball.h5 --angles "$angles" "${blur[@]}" --dose 4e5 --seed 3 -o tilt.h5 -q >tilt.txt
aet 2 reconstruct tilt.h5 -o volume.h5 -q --set reconstruct.method=resire-fast --set reconstruct.iterations=30 >reconstruct.txt
aet 2 trace volume.h5 -o atoms.h5 "${glass[@]}" -q >trace.txt
aet 1 compare ball.h5 atoms.h5 --distance 1 --keep-shift -q >compare2.txt
for f in compare.txt compare2.txt; do
    echo "$(value $f mutual_fraction) found, $(value $f mutual_rmsd_pm) pm, $(value $f mutual_species_fraction) of the right element, $(value $f false) false" >&2
done
expect_value compare2.txt mutual_fraction '>=' 0.96
expect_value compare2.txt mutual_rmsd_pm '<=' 25
expect_value compare2.txt mutual_species_fraction '>=' 0.92
# What tracing expects of its own species is what it gets, to a few per cent.
awk -v p="$(value trace.txt mean_p_species)" -v right="$(value compare2.txt mutual_species_fraction)" \
    'BEGIN { d = p - right; print "expected " p ", right " right; exit !(d < 0.03 && d > -0.03) }' >&2 ||
    fail "probabilities of species are off"
