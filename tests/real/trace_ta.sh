# Tracing the published volume of an amorphous Ta film (area 24, central 41 planes) against the published atoms.
# Published are the atoms as traced, and as refined against the images afterwards, which moved them by 0.25 A (root mean
# square): the traced ones are what tracing this volume can be held to; the distance from the refined ones is checked too.
# Settings of the film: no vacuum around it, one species, pairs down to 1.8 A. Data: Yuan et al., Nat. Mater. 21, 95 (2022).
# limit: 120
. "$(dirname "$0")/../lib.sh"
volume=$(data ta_film/published_recon/ReconObj_sub24.mat)
traced=$(data ta_film/atomic_model_Ta_film_before_refinement.mat)
refined=$(data ta_film/Final_atomic_model_Ta_film.mat)

# Voxel of an atom (from 0) in area 24: position / 0.3216 + (201,176,171) - (centre - half) of the area, and the pivot of
# a volume of 151 x 77 x 151 is voxel (75,38,75).
score() { # ATOMS.xyz REFERENCE.xyz HALF_THICKNESS
    awk -v half="$3" 'FNR == 1 { file++; next } FNR == 2 { next }
        file == 1 { n++; x[n] = $2; y[n] = $3; z[n] = $4; next }
        { p = 0.3216; ix = $2 / p + 201 - 222 + 75; iy = $3 / p + 176 - 88 + 38; iz = $4 / p + 171 - 165 + 75
          if (ix < 9 || ix > 141 || iy < 9 || iy > 67 || iz < 75 - half || iz > 75 + half) next
          total++; best = 9
          for (i = 1; i <= n; i++) {
              d = (x[i] - (ix - 75) * p) ^ 2 + (y[i] - (iy - 38) * p) ^ 2 + (z[i] - (iz - 75) * p) ^ 2
              if (d < best) best = d }
          if (best < 1) { found++; sum += best } }
        END { printf "atoms = %d\nfound = %.4f\nrmsd_A = %.4f\n", total, found / total, sqrt(sum / found) }' "$1" "$2"
}

aet 1 import --volume "$volume" --pixel 0.3216 -o volume.h5 >import.txt
for m in traced refined; do
    aet 1 import --atoms "${!m}" --species Ta --min-distance 0 -o $m.h5 >$m.import
    aet 1 export $m.h5 -o $m.xyz
done
film="--species Ta --set trace.boundary=false --set trace.nonatoms=never --set trace.min_distance_A=1.8"
for method in polynomial gaussian; do
    aet 2 trace volume.h5 -o $method.h5 $film --set trace.method=$method >$method.txt
    aet 1 export $method.h5 -o $method.xyz
    for m in traced refined; do
        [ $m = traced ] && half=20.5 || half=20
        score $method.xyz $m.xyz $half >$method.$m
        echo "$method, $m: $(tr '\n' ' ' <$method.$m)" >&2
        expect_value $method.$m atoms == 355
        expect_value $method.$m found '>=' 0.94
    done
done
expect_value polynomial.traced rmsd_A '<=' 0.20
expect_value gaussian.traced rmsd_A '<=' 0.24
expect_value gaussian.refined rmsd_A '<=' 0.26 # better than the published tracing itself (0.25 over all atoms)
