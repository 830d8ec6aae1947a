# ranks: 2
# genfire-fast, stopping by itself, against the 1000 iterations of the papers, by the distance to a known truth: a
# crystal and an amorphous particle, each without noise and at the dose of the papers; 49 tilts, DFT gridding with
# radius 0.1, oversampling 4.
# limit: 240
. "$(dirname "$0")/../lib.sh"
grid="--size 64 --pixel 0.357 --sigma 0.62"

aet 1 simulate particle --shape sphere --size 17 --species Ni,Pt --fraction 0.4 --displacement 0.1 --rotate random \
    -o crystal.h5 >particle.txt
aet 1 simulate particle --structure amorphous --shape sphere --size 17 --species Ni,Pt --fraction 0.4 -o amorphous.h5 >particle.txt

# sqrt(1 - c^2): the distance to the truth over its norm, at the best scale
distance() { # TRUTH VOLUME
    aet 1 compare "$1" "$2" >compare.txt
    awk -v c="$(value compare.txt correlation)" 'BEGIN { printf "%.4f\n", sqrt(1 - c * c) }'
}
found() { # MODEL VOLUME SPECIES
    aet 2 trace "$2" -o traced.h5 --species "$3" >trace.txt && aet 1 compare "$1" traced.h5 --distance 0.7 >atoms.txt &&
        value atoms.txt mutual_fraction || echo none
}
reconstruct() { # TILT METHOD ITERATIONS
    aet 2 reconstruct "$1" -o "$2.h5" --set reconstruct.method="$2" --set reconstruct.iterations="$3" \
        --set reconstruct.oversampling=4 --set reconstruct.radius=0.1 >"$2.txt"
}

check() { # MODEL SPECIES DOSE MOST_ITERATIONS
    local model=$1 plain fast atoms_plain atoms_fast
    aet 2 simulate volume "$model.h5" $grid -o truth.h5 >volume.txt
    aet 2 simulate tilt "$model.h5" $grid --tilts -65:2.68:63.7 --dose "$3" -o tilt.h5 >tilt.txt
    reconstruct tilt.h5 genfire 1000
    reconstruct tilt.h5 genfire-fast 200
    plain=$(distance truth.h5 genfire.h5)
    fast=$(distance truth.h5 genfire-fast.h5)
    atoms_plain=$(found "$model.h5" genfire.h5 "$2")
    atoms_fast=$(found "$model.h5" genfire-fast.h5 "$2")
    echo "$model, dose $3: 1000 iterations $plain in $(value genfire.txt seconds) s, atoms $atoms_plain; fast $fast in" \
        "$(value genfire-fast.txt iterations) iterations ($(value genfire-fast.txt settled_iteration) with all images)," \
        "$(value genfire-fast.txt seconds) s, atoms $atoms_fast" >&2
    # As near to the truth or nearer, and as many atoms found: noise moves the share by 0.02 from series to series; over
    # four series it is 0.917 against 0.934 of the crystal, 0.792 against 0.795, positions being 2 pm and 1 pm better.
    awk -v p="$plain" -v f="$fast" 'BEGIN { exit !(f <= p) }' || fail "$model, dose $3: $fast is farther than $plain"
    awk -v p="$atoms_plain" -v f="$atoms_fast" 'BEGIN { exit !(f >= p - 0.04) }' || fail "$model, dose $3: fewer atoms"
    expect_value genfire-fast.txt iterations '<=' "$4"
}
check crystal Ni,Pt 0 400
check crystal Ni,Pt 3.4e5 60
check amorphous Ni,Pt 0 400
check amorphous Ni,Pt 3.4e5 60
