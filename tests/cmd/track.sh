# One particle at two stages, end to end.
. "$(dirname "$0")/../lib.sh"

expect_status 0 aet 1 simulate particle --size 9 --species Ni,Pt --fraction 0.4 --displacement 0.1 --seed 3 -o a.h5
expect_status 0 aet 1 simulate particle --size 9 --species Ni,Pt --fraction 0.4 --displacement 0.1 --seed 3 \
    --rotate 10,20,30 -o b.h5
expect_status 0 aet 2 track a.h5 b.h5 -o followed
expect_text out 'step_1 = common 489 consistent 489 exchanged 0 lost 0 new 0'
expect_value out core == 489
for f in stage1_a.h5 stage2_b.h5 core.h5 track.csv; do expect_file followed/$f; done
awk -F, 'NR == 2 { exit !($1 == "a" && $2 == "b" && $3 == 489 && $8 == 0 && $9 == 0 && $14 > 10) }' followed/track.csv ||
    fail "track.csv: $(cat followed/track.csv)"

# Figures against time, and of each step.
expect_status 0 aet 1 simulate particle --size 9 --shape truncated --cut 1 --species Ni,Pt --fraction 0.4 --seed 4 -o c.h5
AETLAS_GNUPLOT=$PWD/no-gnuplot expect_status 0 aet 1 track a.h5 c.h5 -o cut --figures fig --times 0,19.5
for f in atoms sphericity facets composition composition_depth csro_depth_Ni strain_depth_Pt coordination_radius core \
    unpaired_step1 unpaired_depth_step1 unpaired_coordination_step1 exchanged_step1 exchanged_depth_step1 \
    region_change_step1; do
    expect_file fig/$f.csv
done
expect_file fig/stage1/map_fate.png fig/stage2/map_history.png fig/stage1/map_core.png
expect_text fig/atoms.csv '^0,489,'
expect_text fig/atoms.csv '^19.5,483,'
lost=$(sed 's/.* lost \([0-9]*\) .*/\1/' <<<"$(grep step_1 out)")
awk -F, -v lost="$lost" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /lost .* y/) at[i] = 1; next }
    { for (i in at) n += $i } END { exit !(n == lost && lost >= 6) }' fig/unpaired_coordination_step1.csv ||
    fail "$lost lost: $(cat fig/unpaired_coordination_step1.csv)"
expect_status 2 aet 1 track a.h5 b.h5 -o cut --times 5,3
expect_text err 'expected 2 rising numbers'

# as they lie, few atoms fall on each other
expect_status 0 aet 1 track a.h5 b.h5 -o apart --set track.superpose=no
expect_no_text out 'common 489'

expect_status 2 aet 1 track a.h5 -o alone
expect_status 3 aet 1 track a.h5 missing.h5 -o gone
expect_text err 'missing.h5'
expect_no_file gone/track.csv
expect_status 2 aet 1 track a.h5 b.h5
expect_text err '-o'
