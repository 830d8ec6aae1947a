# san: yes
# Foreign files become nouns, the same on any number of ranks; what goes out comes back.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 5 --displacement 0.05 -o atoms.h5 -q
aet 1 simulate tilt atoms.h5 --tilts -60:15:60 --pixel 0.5 -o tilt.h5 -q
aet 1 simulate volume atoms.h5 --pixel 0.5 -o volume.h5 -q
for x in tilt.mrc tilt.tif tilt.rawtlt tilt.csv; do aet 1 export tilt.h5 -o $x -q; done
for x in volume.mrc volume.tif; do aet 1 export volume.h5 -o $x -q; done
aet 1 export atoms.h5 -o atoms.xyz -q

for n in 1 2 4; do
    expect_status 0 aet $n import --images tilt.mrc --angles tilt.rawtlt -o t.h5
    expect_value out images == 9
    expect_value out pixel_A == 0.5
    expect_text out '^theta_deg = -60.0000 to 60.0000$'
    expect_status 0 aet 1 compare tilt.h5 t.h5 -t 0
    expect_status 0 aet $n import --volume volume.mrc -o v.h5
    expect_value out voxel_A == 0.5
    expect_status 0 aet 1 compare volume.h5 v.h5 -t 0
    expect_status 0 aet $n import --atoms atoms.xyz -o a.h5
    expect_status 0 aet 1 compare atoms.h5 a.h5 -t 1e-7 --keep-shift # eight decimals are written
done
for words in "--images tilt.tif --angles tilt.csv" "--images tilt.tif --angles tilt.h5" \
    "--images tilt.h5 --dataset tilt/images --angles tilt.csv"; do
    expect_status 0 aet 1 import $words --pixel 0.5 -o t.h5
    expect_status 0 aet 1 compare tilt.h5 t.h5 -t 0
done
expect_status 0 aet 1 import --volume volume.tif --pixel 0.5 -o v.h5
expect_status 0 aet 1 compare volume.h5 v.h5 -t 0
expect_no_file t.h5.part v.h5.part a.h5.part

# units, centring, types in a file of their own
tail -n +3 atoms.xyz | awk '{ print $2, $3, $4 }' >pos.txt
tail -n +3 atoms.xyz | awk '{ print $1 == "Ni" ? 1 : 2 }' >types.txt
expect_status 0 aet 1 import --atoms pos.txt --types types.txt --species Ni,Pt -o b.h5
expect_status 0 aet 1 compare atoms.h5 b.h5 -t 1e-7 --keep-shift
expect_status 0 aet 1 import --atoms pos.txt --types types.txt --species Ni,Pt --unit pm --min-distance 0 --center com -o b.h5
expect_value out nearest_pair_A "<" 0.1
expect_status 0 aet 1 import --atoms pos.txt --species Pt --pixel 2 -o b.h5
expect_no_text out '^atoms_Ni'

# an error of the command line
expect_status 2 aet 1 import -o x.h5
expect_text err 'give one of --images, --volume or --atoms'
expect_status 2 aet 1 import --volume volume.mrc --species Pt -o x.h5
expect_text err '\-\-species belongs to --atoms'
expect_status 2 aet 1 import --atoms pos.txt --species Qq -o x.h5
expect_text err 'Qq'
expect_status 2 aet 1 import --atoms atoms.xyz --unit pm --pixel 2 -o x.h5
expect_status 3 aet 1 import --images tilt.mrc -o x.h5
expect_text err 'give the file of its angles with --angles'
expect_status 3 aet 1 import --images tilt.tif --angles tilt.csv -o x.h5
expect_text err 'does not say the pixel size; give it in Angstrom with --pixel'
expect_no_file x.h5 x.h5.part
