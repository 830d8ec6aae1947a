# san: yes
# Every ending, on several ranks with the same bytes; what is no ending is named.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 4 -o atoms.h5 -q
aet 1 simulate tilt atoms.h5 --tilts -60:10:60 --pixel 1 -o tilt.h5 -q
aet 1 simulate volume atoms.h5 --pixel 1 -o volume.h5 -q
for x in tilt.mrc tilt.mrcs tilt.st tilt.tif tilt.png tilt.tlt tilt.rawtlt tilt.csv volume.mrc volume.map volume.tif \
    volume.xdmf volume.png atoms.xyz atoms.extxyz atoms.csv atoms.xdmf; do
    expect_status 0 aet 1 export ${x%.*}.h5 -o $x
    expect_no_file $x.part
    mv $x one.$x
done
for x in tilt.mrc tilt.png volume.mrc volume.png volume.xdmf atoms.xyz; do
    for n in 2 4; do
        expect_status 0 aet $n export ${x%.*}.h5 -o $x
        expect_file $x
        [ $x = volume.png ] || cmp $x one.$x # sums over ranks may round a grey value differently
    done
done
for x in tilt.tif volume.tif atoms.csv atoms.xdmf tilt.tlt; do mv one.$x $x; done
[ "$(head -c 4 tilt.png | od -An -tx1 | tr -d ' ')" = 89504e47 ] || fail "tilt.png is no PNG file"
[ "$(dd if=volume.mrc bs=1 skip=208 count=4 status=none)" = "MAP " ] || fail "volume.mrc has no MAP stamp"
[ "$(wc -l <tilt.tlt)" = 13 ] || fail "tilt.tlt has not 13 lines"
expect_text volume.xdmf 'volume.h5:/volume/density'
expect_text atoms.xdmf 'atoms.h5:/atoms/species'
expect_text atoms.xyz '^Properties=species:S:1:pos:R:3'
expect_text atoms.csv '^index,element,x_A,y_A,z_A'
expect_status 2 aet 1 export volume.h5 -o volume.xyz
expect_text err 'a volume cannot be exported to volume.xyz; possible endings are .mrc'
expect_status 2 aet 1 export atoms.h5 -o atoms.mrc
expect_text err 'possible endings are .xyz'
expect_status 2 aet 1 export tilt.h5 -o tilt
expect_status 3 aet 1 export tilt.mrc -o tilt.tif
expect_text err 'tilt.mrc'
expect_status 4 aet 1 export volume.h5 -o no/folder/volume.mrc
expect_text err 'no/folder/volume.mrc: '
expect_status 4 aet 1 export volume.h5 -o no/folder/volume.png
for n in 1 3; do
    expect_status 0 aet $n export volume.h5 --fourier -o wedge.png
    expect_file wedge.png
done
expect_status 2 aet 1 export volume.h5 --fourier -o wedge.mrc
expect_text err 'fourier is written as .png'
expect_status 2 aet 1 export atoms.h5 --fourier -o wedge.png
expect_text err 'fourier needs a volume'
expect_status 4 aet 2 export volume.h5 --fourier -o no/folder/wedge.png

# measures: columns, curves, scalars
expect_status 0 aet 1 analyse atoms.h5 -o measures.h5
expect_status 0 aet 1 export measures.h5 -o measures.xyz
expect_text measures.xyz '^Properties=species:S:1:pos:R:3:[a-z]'
aet 1 info measures.h5 -q >info
curve=$(sed -n 's/^curve \([a-z_A-Z0-9]*\) = .*/\1/p' info | head -n 1)
[ -n "$curve" ] || fail "measures.h5 holds no curve"
expect_status 0 aet 1 export measures.h5 --curve "$curve" -o curve.csv
expect_file curve.csv
expect_status 3 aet 1 export measures.h5 --curve nonsense -o x.csv
expect_text err "there is no curve 'nonsense'; there are .*$curve"
expect_status 0 aet 1 export measures.h5 --scalars -o scalars.csv
expect_text scalars.csv '^name,value,unit,description$'
expect_status 2 aet 1 export tilt.h5 --scalars -o x.csv

# an option that would do nothing is refused
expect_status 2 aet 1 export atoms.h5 --view 1,1,1 -o x.xyz
expect_text err '--view is for atoms drawn as .png, not for atoms.h5 as x.xyz'
expect_status 2 aet 1 export tilt.h5 --cut 0 -o x.png
expect_no_file x.xyz x.png
