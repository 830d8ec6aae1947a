# ranks: 2
# limit: 290
# A measured tilt series of an amorphous Ta film (Yuan et al., Nat. Mater. 21, 95 (2022)), five areas: RESIRE with
# room beside the frame against the published volumes (500 iterations); mirrored along the beam they must not fit.
. "$(dirname "$0")/../lib.sh"
angles=$(data ta_film/angles.mat)
export AET_LIMIT=280

check() { # AREA MOST_R1 LEAST_CORRELATION LEAST_SCALE SETTINGS...
    local area=$1 r1=$2 correlation=$3 scale=$4 sets=() s
    shift 4
    for s; do sets+=(--set "reconstruct.$s"); done
    expect_status 0 aet 1 import --images "$(data "ta_film/projections/Projections_area$area.mat")" --angles "$angles" \
        --pixel 0.3216 -o tilt.h5
    expect_status 0 aet 1 import --volume "$(data "ta_film/published_recon/ReconObj_sub$area.mat")" \
        --variable reconstruction --pixel 0.3216 -o published.h5
    expect_status 0 aet 2 reconstruct tilt.h5 -o volume.h5 "${sets[@]}"
    expect_value out r1 '<=' "$r1"
    echo "area $area: r1 $(value out r1), $(value out iterations) iterations in $(value out seconds) s" >&2
    expect_status 0 aet 1 compare published.h5 volume.h5
    echo "area $area: correlation $(value out correlation), scale $(value out scale)" >&2
    expect_value out correlation '>=' "$correlation"
    expect_value out scale '>=' "$scale"
    expect_value out scale '<=' 1.03
    expect_status 0 aet 1 compare published.h5 volume.h5 --flip-z
    expect_value out correlation '<' 0.35
}

# As published but for the number of iterations.
check 24 0.135 0.981 0.975 method=resire iterations=200 extend_x=1.5
# The accelerated method comes as far in a quarter of them.  Area 2 has more matter beside its frame.
check 24 0.136 0.979 0.975 method=resire-fast withheld=0 iterations=50 extend_x=1.5
check 23 0.138 0.974 0.975 method=resire-fast withheld=0 iterations=50 extend_x=1.5
check 25 0.134 0.978 0.975 method=resire-fast withheld=0 iterations=50 extend_x=1.5
check 48 0.138 0.972 0.975 method=resire-fast withheld=0 iterations=50 extend_x=1.5
check 2 0.125 0.964 0.970 method=resire-fast withheld=0 iterations=50 extend_x=2
