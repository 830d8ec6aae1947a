# Measured data and published models: every file that can be read is, the others are refused for the right reason.
. "$(dirname "$0")/../lib.sh"
glass=$(data metallic_glass) ptni=$(data ptni) ta=$(data ta_film) pdpt=$(data pdpt)

# the published figures of the recovery of a metallic glass: 18015 of 18356 = 98.1 %, 17.3 pm, 99.3 %
expect_status 0 aet 2 import --atoms "$glass/MG_final_atom_coord_inA.mat" --types "$glass/MG_final_atom_types.mat" \
    --species Co,Pd,Pt -o truth.h5
expect_value out atoms == 18356
expect_value out atoms_Co == 8322
expect_value out atoms_Pd == 6896
expect_value out atoms_Pt == 3138
expect_status 0 aet 2 import --atoms "$glass/Model_CoPdPt_Dose5p6e4.mat" --species Co,Pd,Pt --pixel 0.347 -o traced.h5
expect_value out atoms == 18304
for n in 1 2; do
    expect_status 0 aet $n compare truth.h5 traced.h5
    expect_value out matched == 18015
    expect_text out '^matched_fraction = 0\.981'
    expect_text out '^rmsd_pm = 17\.(2[5-9]|3[0-4])'
    expect_text out '^species_fraction = 0\.993'
done

# a tilt series as measured: MATLAB (151,77,46) is 46 images of 77 x 151
expect_status 0 aet 2 import --images "$ta/projections/Projections_area24.mat" --angles "$ta/angles.mat" --pixel 0.3216 -o tilt.h5
expect_value out images == 46
expect_value out nx == 151
expect_value out ny == 77
expect_text out '^theta_deg = -63\.0[0-9]* to 55\.[89][0-9]*$'
expect_status 0 aet 2 compare tilt.h5 "$ta/projections/Projections_area24.mat" -t 0
expect_status 0 aet 2 import --volume "$ta/published_recon/ReconObj_sub24.mat" --pixel 0.3216 -o volume.h5
expect_value out nz == 151
expect_status 0 aet 2 compare volume.h5 volume.h5 --flip-z
expect_value out correlation '<' 0.5
expect_status 3 aet 1 import --images "$ta/projections/Projections_area24.mat" --angles "$ptni/angles/angle_p5.mat" --pixel 0.3216 -o x.h5
expect_text err 'angle_p5.mat has 57 angles, but .* has 46 images'

# models: each variable name, and what is wrong with some
for p in p3:14172:5696 p5:4281:850 p7:6435:1442 p8:6927:1795 p11:10589:3937 S3:13618:5241 S4:15694:6192 S6:7220:2166; do
    IFS=: read -r name atoms nickel <<<"$p"
    expect_status 0 aet 1 import --atoms "$ptni/model/model_$name.mat" --types "$ptni/types/atoms_$name.mat" --species Ni,Pt -o m.h5
    expect_value out atoms == "$atoms"
    expect_value out atoms_Ni == "$nickel"
done
expect_status 3 aet 1 import --atoms "$ptni/model/model_p1.mat" --types "$ptni/types/atoms_p1.mat" --species Ni,Pt -o x.h5
expect_text err 'has 11559 positions, but .*atoms_p1.mat has 11561 types'
for name in p2 p10 S1 S5; do
    expect_status 3 aet 1 import --atoms "$ptni/model/model_$name.mat" --types "$ptni/types/atoms_$name.mat" --species Ni,Pt -o x.h5
    expect_text err "model_$name.mat: atoms [0-9]+ and [0-9]+ .* apart.*--merge-below"
done
expect_status 0 aet 2 import --atoms "$ptni/model/model_p2.mat" --types "$ptni/types/atoms_p2.mat" --species Ni,Pt --merge-below 1 -o m.h5
expect_text err 'were merged'
expect_no_file x.h5

# the same model in three formats; blank comment lines, tabs; types in the file of the positions
expect_status 0 aet 1 import --atoms "$pdpt/coordinates_PB.mat" --species Pd,Pt --pixel 0.3434 -o pb_mat.h5
expect_value out atoms_Pt == 9984
expect_status 0 aet 1 import --atoms "$pdpt/PB.xyz" --pixel 0.3434 -o pb_xyz.h5
expect_value out atoms_Pt == 9984
expect_status 0 aet 1 import --atoms "$pdpt/TO.xyz" -o to.h5
expect_value out atoms_Pd == 3690

# a serialised object is no array
expect_status 3 aet 1 import --volume "$glass/resire_sample/sample_amorphous_res.mat" --pixel 1 -o x.h5
expect_text err 'it holds obj \(object\).*save the array by itself'
for f in "$glass"/*.mat "$ta"/*.mat "$(data fept_sim)"/*.mat "$(data pd_amorphous)"/*.mat; do
    expect_status 0 aet 1 info "$f"
    expect_text out '\.mean = '
done
