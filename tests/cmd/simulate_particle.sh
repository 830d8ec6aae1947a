# Model particles from the command line: the newer shapes and structures, the same on any number of ranks, and what cannot be.
. "$(dirname "$0")/../lib.sh"

twice() { # NAME ARGS...: built on one rank and on three, the same atoms
    local name=$1
    shift
    expect_status 0 aet 1 simulate particle "$@" -o "$name.h5"
    cp out "$name.out"
    expect_status 0 aet 3 simulate particle "$@" -o "${name}3.h5"
    expect_status 0 aet 1 compare "$name.h5" "${name}3.h5" -t 0
}
twice random --shape random --set particle.volume_low_A3=20000 --set particle.volume_high_A3=30000 --rotate random \
    --displacement 0.2 --vacancies 0.005 --csro -0.1 --vegard Ni:3.524,Pt:3.912
twice amorphous --shape sphere --size 30 --structure amorphous --species Pt --lattice 3.912 \
    --set particle.distance_min_A=2.5
expect_value amorphous.out atoms == 898
expect_status 0 aet 1 info amorphous.h5
expect_text out 'body_volume_A3'
twice dumbbell --shape dumbbell --size 25 --fault extrinsic --species Pt --lattice 3.912

wrong() { # PATTERN ARGS...
    local pattern=$1
    shift
    expect_status 2 aet 1 simulate particle "$@" -o wrong.h5
    expect_text err "$pattern"
    expect_no_file wrong.h5 wrong.h5.part
}
wrong 'needs the shape sphere, random or dumbbell' --fault twin
wrong 'up to 2.575 A at this density' --structure amorphous --set particle.distance_min_A=2.8
expect_status 6 aet 2 simulate particle --size 5 --csro -0.9 -o wrong.h5
expect_text err 'out of reach'
