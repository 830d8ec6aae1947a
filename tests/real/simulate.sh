# limit: 120
# Published models seen at the angles of their experiments.
. "$(dirname "$0")/../lib.sh"
images=$(data ta_film/projections/Projections_area24.mat)
angles=$(data ta_film/angles.mat)
film=$(data ta_film/Final_atomic_model_Ta_film.mat)

# Measured images of a Ta film (Yuan et al., Nat. Mater. 21, 95 (2022)), area 24, against its published atoms, moved to
# the pivot of that area; mirrored along the beam they must fit worse.  Pt stands for Ta, for which there are no
# scattering factors: of one element only the scale is at stake.  The rest is the film outside the model and
# the background.
expect_status 0 aet 1 import --images "$images" --angles "$angles" --pixel 0.3216 -o measured.h5
expect_status 0 aet 1 import --atoms "$film" --species Pt -o film.h5
expect_status 0 aet 1 export film.h5 -o film.xyz
move() { # SIGN_OF_Z: positions of the film to the area's pivot, in voxels of 0.3216 A, atoms of the frame only
    awk -v sign="$1" -v a=0.3216 'NR > 2 && NF >= 4 {
        x = $2 - 21 * a; y = $3 + 88 * a; z = sign * ($4 + 6 * a)
        if (y > -16 && y < 16) line[++n] = sprintf("Pt %.5f %.5f %.5f", x, y, z) }
        END { print n; print ""; for (i = 1; i <= n; i++) print line[i] }' film.xyz
}
move 1 >area.xyz
move -1 >mirrored.xyz
expect_status 0 aet 2 simulate tilt area.xyz --like measured.h5 --sigma 0.6 -o model.h5
expect_status 0 aet 1 compare measured.h5 model.h5
expect_value out correlation '>' 0.92
expect_status 0 aet 2 simulate tilt mirrored.xyz --like measured.h5 --sigma 0.6 -o model.h5
expect_status 0 aet 1 compare measured.h5 model.h5
expect_value out correlation '<' 0.83

# PtNi particle 5 (Yang et al., Nat. Catal. 7, 796 (2024)) at its 57 refined orientations, with noise
expect_status 0 aet 1 import --atoms "$(data ptni/model/model_p5.mat)" --types "$(data ptni/types/atoms_p5.mat)" \
    --species Ni,Pt -o p5.h5
p5() { # RANKS OUT ARGS...
    local n=$1 out=$2
    shift 2
    expect_status 0 aet "$n" simulate tilt p5.h5 --angles "$(data ptni/angles/angle_p5.mat)" --pixel 0.357 \
        --sigma Ni:0.6,Pt:0.7 "$@" -o "$out"
}
p5 1 clean.h5
expect_value out images == 57
expect_value out atoms_Pt == 3431
p5 1 noisy1.h5 --dose 3e5
p5 4 noisy4.h5 --dose 3e5
expect_status 0 aet 1 compare noisy1.h5 noisy4.h5 -t 0
# some 50 counts a pixel inside the particle: a noise of 14 % there, less of the sum than of each pixel
expect_status 0 aet 1 compare clean.h5 noisy1.h5
expect_value out correlation '>' 0.97
expect_value out scale '>' 0.995
expect_value out scale '<' 1.005
