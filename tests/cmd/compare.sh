# compare: the same, scaled, other shapes, tolerances, moved and changed atoms.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 5 -o a.h5 -q
aet 1 simulate particle --shape octahedron --size 5 --displacement 0.1 --seed 3 -o b.h5 -q
aet 1 simulate volume a.h5 --pixel 1 -o va.h5 -q
aet 1 simulate volume b.h5 --pixel 1 -o vb.h5 -q
aet 1 simulate volume a.h5 --pixel 1 --margin 9 -o wide.h5 -q
aet 1 simulate tilt a.h5 --tilts -30:30:30 --pixel 1 -o ta.h5 -q
aet 1 simulate tilt b.h5 --tilts -30:30:30 --pixel 1 -o tb.h5 -q

for n in 1 3; do
    expect_status 0 aet $n compare va.h5 va.h5 -t 0
    expect_value out correlation == 1
    expect_value out scale == 1
    expect_value out r1 == 0
    expect_status 0 aet $n compare va.h5 vb.h5
    expect_value out correlation '<' 0.9999
    expect_value out largest_difference '>' 0.01
    expect_status 0 aet $n compare va.h5 vb.h5 --fsc fsc$n.csv
    expect_value out resolution_0.5_A '>=' 2
    [ "$(wc -l <fsc$n.csv)" -gt 10 ] || fail "a short fsc$n.csv"
    expect_status 1 aet $n compare va.h5 vb.h5 -t 0.01
    expect_text err 'va.h5 and vb.h5 differ: largest_difference'
    expect_status 1 aet $n compare va.h5 wide.h5
    expect_text err 'voxels.*--crop'
    expect_status 0 aet $n compare va.h5 wide.h5 --crop -t 1e-5 # floats of 24 bits, summed in another order
    expect_status 0 aet $n compare ta.h5 ta.h5 -t 0
    expect_status 1 aet $n compare ta.h5 tb.h5 -t 1e-3
    expect_text out '^worst_image = [0-2]$'
    expect_status 0 aet $n compare a.h5 a.h5 -t 0
    expect_value out matched_fraction == 1
    expect_value out rmsd_pm == 0
    expect_status 1 aet $n compare a.h5 b.h5 -t 0.05
    expect_value out rmsd_pm '>' 5
    expect_value out rmsd_pm '<' 20
done

# a model moved as a whole is the same unless the shift is kept; one atom less or another element is not
aet 1 export a.h5 -o a.xyz -q
awk 'NR <= 2 { print; next } { $2 += 0.5; $4 -= 0.25; print }' a.xyz >moved.xyz
expect_status 0 aet 1 compare a.xyz moved.xyz -t 1e-6
expect_text out '^shift_A = 0.5000 0.0000 -0.2500$'
expect_status 1 aet 1 compare a.xyz moved.xyz -t 1e-6 --keep-shift
n=$(head -n 1 a.xyz)
(echo $((n - 1)); sed -n '2,$p' a.xyz | head -n "$n") >less.xyz
expect_status 1 aet 1 compare a.xyz less.xyz -t 1
expect_value out missing == 1
sed '3s/^[A-Z][a-z]*/Au/' a.xyz >other.xyz
expect_status 1 aet 1 compare a.xyz other.xyz -t 1
expect_text err 'of the same element'
expect_status 3 aet 1 compare a.h5 absent.h5
expect_text err 'absent.h5'
expect_status 2 aet 1 compare va.h5 va.h5 -t minus
expect_status 2 aet 1 compare va.h5 vb.h5 --fsc fsc.txt
expect_text err 'fsc.txt: expected a name that ends in'

# an option that would do nothing is refused
expect_status 2 aet 1 compare a.h5 b.h5 --flip-z
expect_text err '--flip-z is for volumes; a.h5 and b.h5 are compared as atoms'
expect_status 2 aet 2 compare va.h5 va.h5 --distance 1
expect_text err '--distance is for atoms'
