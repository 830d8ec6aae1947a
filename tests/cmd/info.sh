# info: the key = value lines of each kind of file, the same on any number of ranks.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 4 -o atoms.h5 -q
aet 1 simulate tilt atoms.h5 --tilts -60:30:60 --pixel 1 -o tilt.h5 -q
aet 1 simulate volume atoms.h5 --pixel 1 -o volume.h5 -q
for x in tilt.mrc tilt.tif tilt.tlt; do aet 1 export tilt.h5 -o $x -q; done
aet 1 export atoms.h5 -o atoms.xyz -q
for f in atoms.h5 tilt.h5 volume.h5 tilt.mrc tilt.tif tilt.tlt atoms.xyz; do
    expect_status 0 aet 1 info $f
    cp out one.$f
    expect_status 0 aet 2 info $f
    cmp out one.$f
done
expect_status 0 aet 4 info volume.h5
cmp out one.volume.h5
expect_text one.tilt.h5 '^format = AETlas tilt series$'
expect_value one.tilt.h5 images == 5
expect_value one.tilt.h5 pixel_A == 1
expect_text one.tilt.h5 '^theta_deg = -60.0000 to 60.0000$'
expect_text one.tilt.h5 '^/tilt/angles_deg = 5 x 3 \[deg\] Euler'
expect_text one.tilt.h5 '^command_line = aetlas simulate tilt'
expect_value one.volume.h5 voxel_A == 1
expect_value one.volume.h5 max '>' 0
expect_value one.atoms.h5 atoms == 44 # octahedron of 4 atoms along an edge: 4 (2 16 + 1) / 3
expect_value one.atoms.h5 nearest_pair_A '>' 2
expect_value one.tilt.mrc nz == 5
expect_value one.tilt.mrc mode == 2
expect_text one.tilt.tif '^pages = real32 5 x '
expect_value one.tilt.tlt rows == 5
expect_value one.atoms.xyz atoms == 44
expect_status 0 aet 1 info volume.h5 --parameters
expect_text out '^pixel_A = 1$'
mv out used.ini
expect_status 0 aet 1 config -c used.ini # can be read back
expect_status 3 aet 2 info absent
expect_text err 'absent: No such file'
