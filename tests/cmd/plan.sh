# Planning: memory decides how many ranks a particle gets; a bad input shows before a job is queued.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 4 -o p.h5 >log 2>&1
aet 1 simulate tilt p.h5 --tilts -60:10:60 --pixel 0.5 -o a.h5 >log 2>&1
printf '[campaign]\nparticles = list.tsv\n' >campaign.ini
printf 'name\tinput\na\ta.h5\n' >list.tsv
expect_status 0 aet 1 plan campaign.ini
expect_text out '^a +13 x [0-9]+ x [0-9]+ +1 '
expect_no_file results
# with hardly any memory a particle is spread over ranks
expect_status 0 aet 2 plan campaign.ini --set campaign.memory_per_rank_GiB=0.01
cp out few
expect_status 0 aet 1 plan campaign.ini --set campaign.ranks_per_item=4
expect_text out '^a +13 x [0-9]+ x [0-9]+ +4 '
# the images of a precision cost time: with PRISM more than linear ones, in proportion to the configurations
hours() { # SETTINGS...: core hours of a, in units of 0.001
    expect_status 0 aet 1 plan campaign.ini --set campaign.precision=yes --set stem.interpolation=1 "$@"
    sed -n 's/^core_hours = 0*\([0-9]*\)\.\([0-9]*\)$/\1\2/p' out
}
linear=$(hours --set precision.images=linear) one=$(hours --set stem.phonons=1) eight=$(hours --set stem.phonons=8)
echo "core hours / 1000: linear $linear, 1 configuration $one, 8 configurations $eight"
awk -v l="$linear" -v a="$one" -v b="$eight" 'BEGIN { exit !(a > l && (b - l - 8 * (a - l)) ^ 2 <= 16 + (0.02 * b) ^ 2) }' ||
    fail "core hours: linear $linear, of one configuration $one, of eight $eight"
expect_status 0 aet 1 plan campaign.ini --set campaign.precision=yes --set stem.adf_outer_mrad=10
expect_text out '^a +unreadable'
expect_text err 'a cannot be used: stem.adf_outer_mrad = 10 is not above'
printf 'b\tgone.h5\n' >>list.tsv
expect_status 0 aet 2 plan campaign.ini
expect_text out '^b +unreadable'
expect_text err 'b cannot be used: .*gone.h5'
expect_status 2 aet 1 plan x.ini -o y
expect_text err 'writes no file'
