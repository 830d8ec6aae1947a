# A campaign whose surface atoms are told by the tomogram: as the command by itself says, done anew when the boundary
# moves; a particle that has no tomogram costs itself, with a reason.
# ranks: 1
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 7 --species Ni,Pt --fraction 0.4 --seed 1 -o true.h5 >log 2>&1
aet 1 simulate tilt true.h5 --tilts -70:5:70 --pixel 0.5 --sigma Ni:0.6,Pt:0.7 -o a.h5 >log 2>&1
cat >campaign.ini <<'END'
[campaign]
particles = list.tsv
output = res
pictures = no
[reconstruct]
iterations = 40
[analyse]
surface = mask
surface_erosion_A = 4
END
printf 'name\tgroup\tcycles\tinput\na\tX\t0\ta.h5\n' >list.tsv
expect_status 0 aet 1 run campaign.ini
# surface_atoms of the summary
surface() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "surface_atoms") k = i } NR == 2 { print $k }' res/summary.csv; }
expect_status 0 aet 1 analyse res/a/atoms.h5 --volume res/a/volume.h5 -c campaign.ini
expect_value out surface_atoms == "$(surface)"
# An octahedron with seven atoms along an edge has 146 atoms at its faces and 66, 18 in the octahedra below.  The boundary
# lies outside the faces by about an atom's radius: 4 A reach the faces and, {111} layers being 2.2 A apart, not the third
# layer.
expect_value out surface_atoms '>=' 146
expect_value out surface_atoms '<=' 212
expect_status 0 aet 1 info res/a/measures.h5
expect_text out 'outside the eroded Otsu boundary'

# deeper: more atoms, and nothing else is made again
before=$(surface)
expect_status 0 aet 1 run campaign.ini --set analyse.surface_erosion_A=6
[ "$(surface)" -gt "$before" ] || fail "$(surface) surface atoms within 6 A, $before within 4 A"
[ "$(grep -c 'analyse.done' res/campaign.journal)" = 2 ] || fail "the analysis should have run again"
[ "$(grep -c 'done' res/campaign.journal)" = 5 ] || fail "only the analysis should have run again"

printf 'atoms\tX\t0\ttrue.h5\n' >>list.tsv
expect_status 8 aet 1 run campaign.ini
expect_text out '^a +done'
expect_text out '^atoms +failed.*mask needs the tomogram'
