# san: yes
# Damaged, lying and unfit inputs: status 3, one message that names the file, nothing written.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 4 -o atoms.h5 -q
aet 1 simulate tilt atoms.h5 --tilts -40:20:40 --pixel 1 -o tilt.h5 -q
aet 1 simulate volume atoms.h5 --pixel 1 -o volume.h5 -q
aet 1 export tilt.h5 -o tilt.mrc -q
aet 1 export tilt.h5 -o tilt.tif -q
aet 1 export tilt.h5 -o tilt.tlt -q
refused() { # N PATTERN ARGS...
    local n=$1 pattern=$2
    shift 2
    expect_status 3 aet "$n" "$@" -o x.h5
    expect_text err "^aetlas: .*$pattern"
    [ "$(grep -c '^aetlas: ' err)" = 1 ] || fail "the error was not printed once: $(cat err)"
    expect_no_file x.h5 x.h5.part
}
le32() { # little-endian words
    local v
    for v; do printf "\\$(printf %o $((v & 255)))\\$(printf %o $((v >> 8 & 255)))\\$(printf %o $((v >> 16 & 255)))\\$(printf %o $((v >> 24 & 255)))"; done
}
poke() { # FILE OFFSET: stdin goes there
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# MRC: cut short; huge, negative sizes; a mode that is none
head -c 3000 tilt.mrc >bad.mrc
refused 1 'bad.mrc: its header claims .* cut short' import --volume bad.mrc
cp tilt.mrc bad.mrc; le32 1000000 1000000 1000000 | poke bad.mrc 0
refused 1 'bad.mrc: its header claims 1000000 x 1000000 x 1000000' import --volume bad.mrc
cp tilt.mrc bad.mrc; le32 -5 | poke bad.mrc 4
refused 1 'bad.mrc: is not an MRC file' import --volume bad.mrc
cp tilt.mrc bad.mrc; le32 4 | poke bad.mrc 12
refused 1 'bad.mrc: MRC mode 4 is not read' import --volume bad.mrc
# not finite: the last pixel
size=$(stat -c %s tilt.mrc)
cp tilt.mrc bad.mrc; le32 0x7fc00000 | poke bad.mrc $((size - 4))
refused 1 'bad.mrc: .*NaN' import --images bad.mrc --angles tilt.tlt
cp tilt.mrc bad.mrc; le32 0x7f800000 | poke bad.mrc $((size - 4))
refused 1 'bad.mrc: .*infinite' import --images bad.mrc --angles tilt.tlt
refused 1 'bad.mrc' import --volume bad.mrc
# one angle too few, one too many
head -n 4 tilt.tlt >few.tlt
refused 1 'few.tlt has 4 angles, but tilt.mrc has 5 images' import --images tilt.mrc --angles few.tlt
(cat tilt.tlt; echo 60) >many.tlt
refused 1 'many.tlt has 6 angles, but tilt.mrc has 5 images' import --images tilt.mrc --angles many.tlt

# the same on all ranks, and no hang
for n in 2 4; do
    refused $n 'many.tlt has 6 angles, but tilt.mrc has 5 images' import --images tilt.mrc --angles many.tlt
    refused $n 'bad.mrc' import --volume bad.mrc
done

# TIFF: cut short
head -c 300 tilt.tif >bad.tif
refused 1 'bad.tif' import --volume bad.tif --pixel 1
# HDF5: cut short, empty, of another kind
head -c 2000 volume.h5 >bad.h5
refused 2 'bad.h5: this HDF5 file is damaged or cut short' import --volume bad.h5 --pixel 1
expect_status 3 aet 1 info bad.h5
expect_status 3 aet 2 reconstruct bad.h5 -o x.h5
refused 1 'holds no numbers that could be a tilt series' import --images atoms.h5 --angles tilt.tlt --pixel 1
: >empty.h5
refused 1 'empty.h5' import --volume empty.h5 --pixel 1
# no file, a folder, a file of no format
refused 1 'absent.mrc: No such file' import --volume absent.mrc
refused 1 'regular' import --volume .
head -c 5000 /dev/zero >zeros.bin
refused 1 'zeros.bin' import --volume zeros.bin
expect_status 3 aet 1 info zeros.bin
expect_text err 'is of no known format'
# MATLAB: nothing behind the header; a size that cannot be
(printf '%-124s' MATLAB; printf '\0\001IM') >bad.mat
refused 1 'bad.mat: holds no numbers' import --volume bad.mat --pixel 1
cp bad.mat huge.mat
(le32 14 64 6 8 6 0 5 12 2000000000 2000000000 2000000000 0; le32 65537 118; le32 9 8 0 0) >>huge.mat
refused 1 'huge.mat: a variable claims an impossible size' import --volume huge.mat --pixel 1
# too near, and as many types as atoms
printf '3\n\nPt 0 0 0\nPt 0.5 0 0\nPt 5 0 0\n' >near.xyz
refused 1 'near.xyz: atoms 1 and 2 .* 0.500 A apart.*--merge-below' import --atoms near.xyz
expect_status 0 aet 1 import --atoms near.xyz --merge-below 1 -o y.h5
expect_value out atoms == 2
printf '0 0 0\n3 0 0\n' >pos.txt
printf '1\n1\n2\n' >types.txt
refused 1 'pos.txt has 2 positions, but types.txt has 3 types' import --atoms pos.txt --types types.txt --species Ni,Pt

# outputs that cannot be written: no folder, a limit on the size of files
expect_status 4 aet 2 import --volume tilt.mrc -o no/such/folder/x.h5
expect_text err 'no/such/folder/x.h5: '
# (the limit must leave room for the shared memory of MPI)
cp tilt.mrc large.mrc; le32 200 200 200 2 | poke large.mrc 0
truncate -s $((1024 + 200 * 200 * 200 * 4)) large.mrc
expect_status 0 aet 1 import --volume large.mrc -o large.h5
limited() { (ulimit -f 20000 && "$@"); }
for n in 1 2; do
    for words in "import --volume large.mrc -o x.h5" "export large.h5 -o x.mrc" "export large.h5 -o x.tif"; do
        [ $n = 1 ] || [ "${words#*.tif}" = "$words" ] || continue
        expect_status 4 limited aet $n $words
        expect_text err '^aetlas: x\.[a-z0-9]*: '
        expect_no_file x.h5 x.h5.part x.mrc x.mrc.part x.tif x.tif.part
    done
done
