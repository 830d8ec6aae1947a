# A small particle, projected, reconstructed and traced: what went in comes out, on any number of ranks.
# san: yes
. "$(dirname "$0")/../lib.sh"

aet 1 simulate particle -o model.h5 --shape truncated --size 5 --species Ni,Pt --fraction 0.4 --seed 3 >model.txt
aet 1 simulate volume model.h5 -o truth.h5 --pixel 0.4 --sigma Ni:0.6,Pt:0.7
aet 1 trace truth.h5 -o one.h5 --species Ni,Pt >one.txt
aet 2 trace truth.h5 -o two.h5 --species Ni,Pt >two.txt
cmp one.txt two.txt || fail "the figures on 1 and 2 ranks differ"
expect_value one.txt separation '>' 4
expect_value one.txt dropped_no_hill == 0
# A perfect volume: every atom, every element; atoms of two widths under shared ones stay within a few pm.
aet 1 compare model.h5 one.h5 --distance 0.5 --keep-shift >compare.txt
expect_value compare.txt mutual_fraction == 1
expect_value compare.txt false == 0
expect_value compare.txt mutual_species_fraction == 1
expect_value compare.txt mutual_rmsd_pm '<' 5
aet 1 compare one.h5 two.h5 -t 0 >/dev/null

# Bad words.
expect_status 2 aet 1 trace truth.h5 -o x.h5
expect_text err 'needs --species'
expect_status 2 aet 1 trace truth.h5 -o x.h5 --species Pt,Ni
expect_text err 'ascending atomic number'
expect_status 2 aet 1 trace truth.h5 -o x.h5 --species Ni,Qq
expect_text err 'Qq'
expect_status 2 aet 1 trace truth.h5 -o x.h5 --species Ni --set trace.min_distance_A=-1
expect_text err 'min_distance_A'
# Nothing that strong, on either number of ranks.
for n in 1 2; do
    expect_status 3 aet $n trace truth.h5 -o x.h5 --species Ni,Pt --set trace.threshold_density=1e9
    expect_text err 'no peak of the volume'
done
expect_no_file x.h5 x.h5.part
