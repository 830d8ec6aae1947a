# ranks: 2
# Tracing the published volume of an amorphous Ta film (area 24, central 41 planes) against the published atoms.
# Published are the atoms as traced, and as refined against the images afterwards, which moved them by 0.25 A (root mean
# square): the traced ones are what tracing this volume can be held to; the distance from the refined ones is checked too.
# Settings of the film: no vacuum around it, one species, pairs down to 1.8 A. Data: Yuan et al., Nat. Mater. 21, 95 (2022).
# Then four areas from their images: reconstructed here, in a tenth of the published iterations, and traced.
# limit: 280
. "$(dirname "$0")/../lib.sh"
volume=$(data ta_film/published_recon/ReconObj_sub24.mat)
traced=$(data ta_film/atomic_model_Ta_film_before_refinement.mat)
refined=$(data ta_film/Final_atomic_model_Ta_film.mat)

# Voxel of an atom, from the pivot of its area: position / 0.3216 + (201,176,171) - centre of the area; of each area also
# half the width and height in voxels, of which the outermost nine are left out.
declare -A centre=([23]="201 88 165 75 38" [24]="222 88 165 75 38" [25]="243 88 165 75 38" [48]="294 278 170 80 28")
score() { # ATOMS.xyz REFERENCE.xyz AREA HALF_THICKNESS
    awk -v half="$4" -v area="${centre[$3]}" 'BEGIN { split(area, c, " "); p = 0.3216 }
        FNR == 1 { file++; next } FNR == 2 { next }
        file == 1 { n++; x[n] = $2; y[n] = $3; z[n] = $4; next }
        { ix = $2 / p + 201 - c[1]; iy = $3 / p + 176 - c[2]; iz = $4 / p + 171 - c[3]
          if (ix < 9 - c[4] || ix > c[4] - 9 || iy < 9 - c[5] || iy > c[5] - 9 || iz < -half || iz > half) next
          total++; best = 9
          for (i = 1; i <= n; i++) {
              d = (x[i] - ix * p) ^ 2 + (y[i] - iy * p) ^ 2 + (z[i] - iz * p) ^ 2
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
        score $method.xyz $m.xyz 24 $half >$method.$m
        echo "$method, $m: $(tr '\n' ' ' <$method.$m)" >&2
        expect_value $method.$m atoms == 355
        expect_value $method.$m found '>=' 0.94
    done
done
expect_value polynomial.traced rmsd_A '<=' 0.20
expect_value gaussian.traced rmsd_A '<=' 0.24
expect_value gaussian.refined rmsd_A '<=' 0.26 # better than the published tracing itself (0.25 over all atoms)

# From the images.  A plain tracer (maxima and parabolas in the published volume) finds 92.4 % of the slab of area 24 with
# 0.21 A, 89.6 % of that of area 48, the thinnest one, with 0.23 A.
angles=$(data ta_film/angles.mat)
own() { # AREA SLAB_FOUND SLAB_RMSD WHOLE_FOUND WHOLE_RMSD
    aet 1 import --images "$(data "ta_film/projections/Projections_area$1.mat")" --angles "$angles" --pixel 0.3216 \
        -o tilt.h5 -q >import.txt
    aet 2 reconstruct tilt.h5 -o own.h5 -q --set reconstruct.method=resire-fast --set reconstruct.withheld=0 \
        --set reconstruct.iterations=50 --set reconstruct.extend_x=1.5 >reconstruct.txt
    aet 2 trace own.h5 -o own_atoms.h5 -q $film --set trace.method=polynomial --set trace.blob_A=0.35 >own.txt
    aet 1 export own_atoms.h5 -o own.xyz -q
    score own.xyz traced.xyz "$1" 20.5 >slab
    score own.xyz traced.xyz "$1" 70 >whole
    echo "area $1, own volume: slab $(tr '\n' ' ' <slab), whole $(tr '\n' ' ' <whole)" >&2
    expect_value slab found '>=' "$2"
    expect_value slab rmsd_A '<=' "$3"
    expect_value whole found '>=' "$4"
    expect_value whole rmsd_A '<=' "$5"
}
own 24 0.930 0.19 0.940 0.19
own 23 0.925 0.19 0.940 0.20
own 25 0.925 0.20 0.940 0.20
own 48 0.940 0.23 0.915 0.24
