# limit: 200
# What is planned for the memory of reconstruction, tracing and refinement is what they take, for every method and
# on two ranks.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 20 -o atoms.h5 -q
aet 1 simulate tilt atoms.h5 --tilts -60:12:60 --pixel 0.5 --size 150 -o tilt.h5 -q
for theta in $(seq -60 12 60); do echo 1 "$theta" 0; done >euler.txt # at which slices do not part
aet 1 simulate tilt atoms.h5 --angles euler.txt --pixel 0.5 --size 150 -o oblique.h5 -q

# The largest share that is not foreseen is the program with its libraries, which differs between machines.
check() { # RANKS SERIES SETTINGS...
    local n=$1 series=$2 s set=()
    shift 2
    for s; do set+=(--set "reconstruct.$s"); done
    expect_status 0 aet "$n" reconstruct "$series.h5" -o volume.h5 --set reconstruct.iterations=2 "${set[@]}"
    as_planned "$n ranks, $series, $*"
}
as_planned() { # WHAT, whose results are in the file out
    planned=$(value out planned_memory_MiB) peak=$(value out peak_memory_MiB)
    echo "$1: planned $planned MiB, taken $peak MiB"
    awk -v p="$planned" -v m="$peak" 'BEGIN { exit !(m < 1.1 * p && p < 1.4 * m) }' ||
        fail "$1: planned $planned MiB, taken $peak MiB"
}
check 1 tilt method=resire-fast
check 1 oblique method=genfire radius=0.1
check 1 oblique method=genfire-fast radius=0.1 oversampling=2
check 1 oblique method=genfire gridding=fft enforce=extend size_z=120
check 1 tilt method=genfire radius=0.1
check 1 tilt method=genfire-fast oversampling=4
check 1 tilt method=resire projector=fourier oversampling=2 iterations=1
check 1 oblique method=resire projector=convolution
check 1 tilt method=resire halves=on
check 2 tilt method=resire extend_x=1.3
check 2 oblique method=genfire radius=0.1
check 2 tilt method=genfire radius=0.1

aet 1 simulate particle --shape octahedron --size 7 --species Ni,Pt --fraction 0.4 -o small.h5 -q
aet 1 simulate volume small.h5 --pixel 0.4 --size 160 -o small_volume.h5 -q
trace() { # RANKS SETTINGS...
    local n=$1 s set=()
    shift
    for s; do set+=(--set "trace.$s"); done
    expect_status 0 aet "$n" trace small_volume.h5 -o traced.h5 --species Ni,Pt "${set[@]}"
    as_planned "$n ranks, trace $*"
}
trace 1
trace 2 boundary=false
trace 1 detect=pieces
trace 1 detect=blobs boundary=false
trace 2 detect=pieces

# of two levels the last one with atoms
aet 1 simulate tilt small.h5 --tilts -60:10:60 --pixel 0.4 --size 160 -o small_tilt.h5 -q
expect_status 0 aet 2 refine small_tilt.h5 -o refined.h5 --set refine.coarsest=2 --set refine.rounds=1 --set refine.start=2
as_planned "2 ranks, refine"
expect_status 0 aet 1 refine small_tilt.h5 -o refined.h5 --set refine.coarsest=1 --set refine.rounds=1 --set refine.start=2
as_planned "1 rank, refine without atoms"
