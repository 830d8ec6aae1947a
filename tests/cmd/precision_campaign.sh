# precision as a stage of a campaign: done once, its figures in the summary, done anew when its parameters change.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../precision.sh"
precision_make
cat >campaign.ini <<'END'
[campaign]
particles = list.tsv
output = res
precision = yes
[reconstruct]
iterations = 40
[precision]
images = linear
[simulate]
sigma_A = 0.4
END
printf 'name\tgroup\tcycles\tinput\np\tX\t0\tm.h5\n' >list.tsv
expect_status 0 aet 2 run campaign.ini
expect_text err 'precision: (9[0-9.]*|100.0) % of'
expect_file res/p/precision.h5 res/p/precision_displacements.png res/p/precision_depth.png
expect_no_file res/p/precision.h5.work
expect_no_file res/p/map_history.png # of stages of a particle; how an atom was traced is another column
[ "$(grep -c 'precision.done' res/campaign.journal)" = 1 ] || fail "the journal should have the stage"
# the summary tells what the file tells
column() { awk -F, -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) k = i } NR == 2 && k { print $k }' res/summary.csv; }
expect_status 0 aet 1 info res/p/precision.h5
expect_status 0 aet 1 precision res/p/atoms.h5 m.h5 -o again.h5 -c campaign.ini
for key in identification rmsd_pm; do
    awk -v a="$(column precision_$key)" -v b="$(value out $key)" 'BEGIN { exit !(a > 0 && (a / b - 1) ^ 2 < 1e-8) }' ||
        fail "$key: $(column precision_$key) in the summary, $(value out $key) from the command"
done
# nothing to do; then the noise changes, and nothing else is done again
expect_status 0 aet 1 run campaign.ini
[ "$(grep -c 'done' res/campaign.journal)" = 5 ] || fail "something was done twice"
expect_status 0 aet 1 run campaign.ini --set precision.dose_e_per_A2=0
[ "$(grep -c 'precision.done' res/campaign.journal)" = 2 ] || fail "precision should have been done again"
[ "$(grep -c 'done' res/campaign.journal)" = 6 ] || fail "only precision should have been done again"
# a campaign that fits: so does its precision, without being told
expect_status 0 aet 1 run campaign.ini --set campaign.fit=yes
expect_status 0 aet 1 info res/p/precision.h5
expect_text out 'fit_r1'
expect_file res/p/fitted.h5
# off: not in the summary
expect_status 0 aet 1 run campaign.ini --set campaign.precision=no
[ -z "$(column precision_rmsd_pm)" ] || fail "the summary tells of a precision that was not asked for"
