# limit: 290
# A measured tilt series of an amorphous Ta film (Yuan et al., Nat. Mater. 21, 95 (2022)), area 24: RESIRE with
# room beside the frame against the published volume; mirrored along the beam it must not fit.
. "$(dirname "$0")/../lib.sh"
images=$(data ta_film/projections/Projections_area24.mat)
angles=$(data ta_film/angles.mat)
published=$(data ta_film/published_recon/ReconObj_sub24.mat)
export AET_LIMIT=280
expect_status 0 aet 1 import --images "$images" --angles "$angles" --pixel 0.3216 -o tilt.h5
expect_status 0 aet 1 import --volume "$published" --variable reconstruction --pixel 0.3216 -o published.h5
expect_status 0 aet 2 reconstruct tilt.h5 -o volume.h5 --set reconstruct.iterations=200 --set reconstruct.extend_x=1.5
expect_value out r1 '<=' 0.14
expect_status 0 aet 1 compare published.h5 volume.h5
expect_value out correlation '>=' 0.975
expect_value out scale '>=' 0.97
expect_value out scale '<=' 1.03
# Accelerated, until it stops by itself: fits no worse.
expect_status 0 aet 2 reconstruct tilt.h5 -o fast.h5 --set reconstruct.method=resire-fast --set reconstruct.extend_x=1.5
expect_value out r1 '<=' 0.134
expect_value out iterations '<' 80
expect_status 0 aet 1 compare published.h5 fast.h5
expect_value out correlation '>=' 0.978
expect_status 0 aet 1 compare published.h5 volume.h5 --flip-z
expect_value out correlation '<' 0.5
