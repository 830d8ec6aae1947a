# A small particle, projected, reconstructed and traced: what went in comes out, on any number of ranks.
# san: yes
. "$(dirname "$0")/../lib.sh"

aet 1 simulate particle -o model.h5 --shape truncated --size 5 --species Ni,Pt --fraction 0.4 --seed 3 >model.txt
aet 1 simulate volume model.h5 -o truth.h5 --pixel 0.4 --sigma Ni:0.6,Pt:0.7
aet 1 trace truth.h5 -o one.h5 --species Ni,Pt >one.txt
aet 2 trace truth.h5 -o two.h5 --species Ni,Pt >two.txt
cmp <(grep -v memory one.txt) <(grep -v memory two.txt) || fail "the figures on 1 and 2 ranks differ"
expect_value one.txt separation '>' 4
expect_value one.txt dropped_no_hill == 0
# A perfect volume: every atom, every element; atoms of two widths under shared ones stay within a few pm.
aet 1 compare model.h5 one.h5 --distance 0.5 --keep-shift >compare.txt
expect_value compare.txt mutual_fraction == 1
expect_value compare.txt false == 0
expect_value compare.txt mutual_species_fraction == 1
expect_value compare.txt mutual_rmsd_pm '<' 5
aet 1 compare one.h5 two.h5 -t 0 >/dev/null

# Other ways to the same atoms.
for way in method=boxes classes=cubes detect=pieces second_pass=true; do
    aet 1 trace truth.h5 -o way.h5 --species Ni,Pt --set trace.$way >way.txt
    aet 1 compare model.h5 way.h5 --distance 0.5 --keep-shift >compare.txt
    expect_value compare.txt mutual_fraction == 1
    expect_value compare.txt false == 0
    expect_value compare.txt mutual_species_fraction == 1
done
expect_value way.txt layers == 7 # a regular truncated octahedron of edge 5: seven (001) layers of atoms
expect_value way.txt from_layers == 0
# Widths: potentials of Ni and Pt spread by 0.6 and 0.7 A are a little wider than that.
expect_value one.txt atom_width_A '>' 0.65
expect_value one.txt atom_width_A '<' 0.85

# By hand: one atom more, one less, one of another element; counted, kept and told where from.
aet 1 export one.h5 -o one.xyz
read -r _ x y z _ < <(sed -n 3p one.xyz)
read -r _ u v w _ < <(sed -n 4p one.xyz)
printf 'remove %s %s %s # by eye\nset %s %s %s Au\nadd 9 9 9 Pt\n' "$x" "$y" "$z" "$u" "$v" "$w" >edits.txt
for n in 1 2; do
    aet $n trace truth.h5 -o by_hand.h5 --species Ni,Pt --edits edits.txt >by_hand.txt
    for key in added removed set; do expect_value by_hand.txt ${key}_by_hand == 1; done
    aet 1 info by_hand.h5 >info.txt
    expect_value info.txt atoms == "$(value one.txt atoms)"
    expect_value info.txt atoms_Au == 1
    expect_value info.txt trace_added == 1
    expect_value info.txt origin.max == 3
    grep -aq 'edits.txt (fingerprint [0-9a-f]*): 1 added, 1 removed, 1 set' by_hand.h5 || fail 'provenance lacks the edits'
done
echo 'remove 50 50 50' >edits.txt
expect_status 3 aet 2 trace truth.h5 -o x.h5 --species Ni,Pt --edits edits.txt
expect_text err 'edits.txt, line 1: no atom within 0.5 A of 50 50 50'
expect_status 3 aet 2 trace truth.h5 -o x.h5 --species Ni,Pt --edits nowhere.txt
expect_text err 'nowhere.txt'

# Bad words.
expect_status 2 aet 1 trace truth.h5 -o x.h5
expect_text err 'needs --species'
expect_status 2 aet 1 trace truth.h5 -o x.h5 --species Pt,Ni
expect_text err 'ascending atomic number'
expect_status 2 aet 1 trace truth.h5 -o x.h5 --species Ni,Qq
expect_text err 'Qq'
expect_status 2 aet 1 trace truth.h5 -o x.h5 --species Ni,Pt --set trace.edge_low=7 --set trace.edge_high=5
expect_text err 'trace.edge_low = 7 is above'
expect_status 2 aet 1 trace truth.h5 -o x.h5 --species Ni --set trace.min_distance_A=-1
expect_text err 'min_distance_A'
# Nothing that strong, on either number of ranks.
for n in 1 2; do
    expect_status 3 aet $n trace truth.h5 -o x.h5 --species Ni,Pt --set trace.threshold_density=1e9
    expect_text err 'no peak of the volume'
done
expect_no_file x.h5 x.h5.part
