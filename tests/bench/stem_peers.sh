# ranks: 1
# ADF-STEM against prismatic (Ophus, 2017; Pryor, Ophus and Miao, 2017) on the same particle and one core: 2951 atoms
# of fcc PtNi, 43 A across, in a cell of 50 A, 0.1 A pixels, slices of 2 A, 300 kV, 25 mrad.  tools/peers/setup DIR installs
# prismatic, and AETLAS_PEERS=DIR names the place (without it: /opt/aet-peers).  Whole commands, in CPU seconds (user
# and system), which tell more than the clock where others use the machine too; seconds by the clock beside them.
# BIG=1: every fourth beam and 10 000 probes too, ten minutes of CPU time.
set -u
AET_ROOT=$(cd "$(dirname "$0")/../.." && pwd)
AETLAS=${AETLAS:-$AET_ROOT/${BUILD:-build}/aetlas} PEERS=${AETLAS_PEERS:-/opt/aet-peers}
tool=$AET_ROOT/tools/peers/prismatic.py
python=$PEERS/venv/bin/python
prismatic=$PEERS/prismatic/build/prismatic
work=$(mktemp -d) || exit 1
trap 'rm -r "$work"' EXIT
cd "$work" || exit 1
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 HOME=$work # prismatic leaves its last settings at home
status=0

for need in /usr/bin/time "$python" "$prismatic"; do
    [ -x "$need" ] || { echo "not installed: $need (tools/peers/setup DIR, then AETLAS_PEERS=DIR)"; exit 0; }
done
failed() {
    echo "failed: $1" >&2
    tail -n 5 "$2" >&2
    status=1
}
value() { sed -n "s/^$2 = \([-+0-9.e]*\).*/\1/p" "$1"; } # FILE KEY
measure() { # FILE COMMAND...: clock, CPU seconds and peak of memory in MB into FILE
    /usr/bin/time -f "clock = %e\nuser = %U\nsystem = %S\npeak = %M" -o "$1" "${@:2}" >"$1.out" 2>"$1.log" || failed "$*" "$1.log"
    awk '$1 == "user" || $1 == "system" { cpu += $3 } $1 == "peak" { printf "MB = %.0f\n", $3 / 1024 }
         { print } END { print "cpu =", cpu }' "$1" >"$1.all"
    mv "$1.all" "$1"
}
peer() { measure peer.txt "$prismatic" -j 1 -s 2 -E 300 -A 25 -sa 25 -F 1 -te 0 -3DP 0 -3D 0 "$@"; }
ours() { # INPUT KEY=VALUE...
    local input=$1 sets=() s
    shift
    for s; do sets+=(--set "stem.$s"); done
    measure ours.txt "$AETLAS" simulate stem "$input" -q -o ours.h5 --tilts 0:1:0 --phonons 0 --set stem.energy_keV=300 \
        --set stem.semiangle_mrad=25 --set stem.adf_inner_mrad=40 "${sets[@]}"
}
ratio() { # NAME PEER OURS TARGET WHAT
    awk -v n="$1" -v p="$2" -v o="$3" -v t="$4" -v w="$5" 'BEGIN {
        printf "ratio %s = %.3g   (%s, %.4g, over ours, %.4g) [target %s]\n", n, p / o, w, p, o, t }'
}
report() { # NAME TARGET WHAT
    ratio "prismatic_$1" "$(value peer.txt cpu)" "$(value ours.txt cpu)" "$2" "prismatic's CPU seconds, $3"
    ratio "prismatic_$1_clock" "$(value peer.txt clock)" "$(value ours.txt clock)" - "the same by the clock"
    ratio "prismatic_$1_memory" "$(value peer.txt MB)" "$(value ours.txt MB)" "2 in little memory" "its peak of memory in MB"
}

# ---- time and memory: the detector as far as prismatic's square inner half of the frequencies goes ----

particle() { # SIZE FILE SPECIES
    "$AETLAS" simulate particle -q --shape truncated --size "$1" --species "$3" --fraction 0.5 --displacement 0.14 -o "$2" >particle.txt ||
        failed particle particle.txt
}
series() { # NAME EVERY PIXELS STEP TARGET MEMORY_GB
    peer -i p.xyz -o peer.h5 -a p -f "$2" -p 0.1 -c 50 50 50 -r "$4" -2D 40 49 -4D 0
    ours p.h5 adf_outer_mrad=49 sampling_A=0.1 cell_A=50 margin_A=60 interpolation="$2" size="$3" pixel_A="$4"
    report "$1" "$5" "PRISM, every $2th beam, $3 x $3 probes"
    ours p.h5 adf_outer_mrad=49 sampling_A=0.1 cell_A=50 margin_A=60 interpolation="$2" size="$3" pixel_A="$4" memory_GB="$6"
    report "$1_little" - "the same with stem.memory_GB = $6"
}
multislice() {
    peer -i p.xyz -o peer.h5 -a m -p 0.1 -c 50 50 50 -r 1 -wxr 21 28.9 -wyr 21 28.9 -2D 40 49 -4D 0
    ours p.h5 adf_outer_mrad=49 sampling_A=0.1 cell_A=50 margin_A=60 method=multislice size=8 pixel_A=1
    report multislice 1.7 "multislice on the whole cell, 8 x 8 probes"
    ours p.h5 adf_outer_mrad=49 sampling_A=0.1 cell_A=50 margin_A=60 method=multislice size=8 pixel_A=1 memory_GB=0.02
    report multislice_little - "the same with stem.memory_GB = 0.02"
}

# ---- images: particles on prismatic's pixels, one potential, one band, one detector ----

# prismatic's potential, a mean over its pixels, scatters by 2 % less (Ni) and 1 % more (Pt) than exp(i sigma v) where the
# detector is, and images of PtNi differ by 4 % of their mean (10 % with its mean over pixels undone in Fourier space: that
# exaggerates the sampled cores); so it gets a potential whose atoms scatter as they should (`match`).  Our waves need
# pixels of 0.04 A here: of columns of platinum seen end on, what an atom scatters beyond the band would come back into it
# at the next one (aetlas/simulate/stem.h).  A cell of 32 A, because prismatic leaves out beams more
# than 2.5 mrad beyond the aperture, with the soft edge of wider samples.
cell=32 depth=12 pixel=0.0416666667 focus=-5
potential() { # of q.h5; with atoms of 1 A, for it is replaced
    "$python" "$tool" model q.h5 q.xyz $cell $depth $pixel
    peer -i q.xyz -o potential.h5 -a m -p $pixel -f 8 -P 1 -c $cell $cell $depth -2D 40 60 -4D 1 -r 1 -wxr 16 16.1 -wyr 16 16.1 -ps 1
    "$python" "$tool" match potential.h5 q.xyz 300 $pixel || status=1
}
# The probes' focus, in the middle of the particle for us, lies `focus` behind prismatic's first slice; its waves go
# as far as its square inner half of the frequencies, ours to 2/3 of them.
images() { # SPECIES METHOD EVERY STEP PIXELS
    local from to name=prismatic_images_${1/,/}_$2
    [ "$2" = multislice ] || name+=_f$3
    from=$(awk -v c=$cell -v s="$4" -v n="$5" 'BEGIN { print c / 2 - s * int(n / 2) }')
    to=$(awk -v f="$from" -v s="$4" -v n="$5" 'BEGIN { print f + s * (n - 0.9) }')
    peer -i q.xyz -o peer.h5 -a "${2:0:1}" -f "$3" -p $pixel -c $cell $cell $depth -df $focus -2D 40 60 -4D 1 -r "$4" \
        -wxr "$from" "$to" -wyr "$from" "$to" -ips 1 -if potential.h5
    ours q.h5 adf_outer_mrad=60 cell_A=$cell margin_A=30 sampling_A=0.04 method="$2" interpolation="$3" size="$5" pixel_A="$4"
    "$python" "$tool" compare peer.h5 ours.h5 40 60 >compare.txt || failed compare compare.txt
    awk -v n="$name" '/^(mean|peer_mean|rms_of_mean|largest_of_mean)/ { v[$1] = $3 } END {
        printf "ratio %s = %.2g   (differences of the images, %% of their mean, rms; at most %.2g; means %.5g, prismatic %.5g) [target at most 2]\n",
            n, 100 * v["rms_of_mean"], 100 * v["largest_of_mean"], v["mean"], v["peer_mean"] }' compare.txt
}
agreement() { # SPECIES
    particle 4 q.h5 "$1"
    potential
    images "$1" multislice 8 2 6
    images "$1" prism 8 0.8 12
    images "$1" prism 4 0.8 12
}

particle 17 p.h5 Ni,Pt
"$python" "$tool" model p.h5 p.xyz 50 50
series f8 8 50 1 1.8 0.06
multislice
[ -z "${BIG:-}" ] || series f4 4 100 0.5 6 0.35
"$python" "$tool" atom Ni,Pt 300 $pixel | sed 's/^/potential of prismatic and matched, over the true: /'
agreement Ni
agreement Ni,Pt
exit $status
