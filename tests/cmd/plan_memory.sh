# limit: 200
# What is planned for a reconstruction's memory is what it takes, for every method and on two ranks.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 20 -o atoms.h5 -q
aet 1 simulate tilt atoms.h5 --tilts -60:6:60 --pixel 0.5 --size 150 -o tilt.h5 -q
for theta in $(seq -60 6 60); do echo 1 "$theta" 0; done >euler.txt # at which slices do not part
aet 1 simulate tilt atoms.h5 --angles euler.txt --pixel 0.5 --size 150 -o oblique.h5 -q

# The largest share that is not foreseen is the program with its libraries, which differs between machines.
check() { # RANKS SERIES SETTINGS...
    local n=$1 series=$2 s set=()
    shift 2
    for s; do set+=(--set "reconstruct.$s"); done
    expect_status 0 aet "$n" reconstruct "$series.h5" -o volume.h5 --set reconstruct.iterations=2 "${set[@]}"
    planned=$(value out planned_memory_MiB) peak=$(value out peak_memory_MiB)
    echo "$n ranks, $series, $*: planned $planned MiB, taken $peak MiB"
    awk -v p="$planned" -v m="$peak" 'BEGIN { exit !(m < 1.1 * p && p < 1.4 * m) }' ||
        fail "$n ranks, $series, $*: planned $planned MiB, taken $peak MiB"
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
