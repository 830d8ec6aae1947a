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

# as they lie, few atoms fall on each other
expect_status 0 aet 1 track a.h5 b.h5 -o apart --set track.superpose=no
expect_no_text out 'common 489'

expect_status 2 aet 1 track a.h5 -o alone
expect_status 3 aet 1 track a.h5 missing.h5 -o gone
expect_text err 'missing.h5'
expect_no_file gone/track.csv
expect_status 2 aet 1 track a.h5 b.h5
expect_text err '-o'
