# A campaign: from tilt series to summary; what is done is kept, what changed is done anew.
. "$(dirname "$0")/../lib.sh"
small() { # NAME SEED ARGS...: a tilt series of a small particle
    local name=$1 seed=$2
    shift 2
    aet 1 simulate particle --species Ni,Pt --fraction 0.4 --seed "$seed" -o "$name-true.h5" "$@" >log 2>&1
    aet 1 simulate tilt "$name-true.h5" --tilts -70:5:70 --pixel 0.5 --sigma Ni:0.6,Pt:0.7 -o "$name.h5" >log 2>&1
}
small a 1 --shape octahedron --size 5
small b 2 --shape truncated --size 7 --cut 2
small c 3 --shape cuboctahedron --size 3
cat >campaign.ini <<'END'
[campaign]
name = a test
particles = list.tsv
output = res
pictures = false
[reconstruct]
iterations = 60
END
printf 'name\tgroup\tcycles\tinput\na\tX\t0\ta.h5\nb\tX\t0\tb.h5\nc\tY\t4000\tc.h5\n' >list.tsv

expect_status 0 aet 2 plan campaign.ini
expect_value out particles_to_do == 3
expect_text out '^sbatch .*campaign.sbatch campaign.ini'

expect_status 0 aet 2 run campaign.ini
expect_text out '^a +done'
for p in a b c; do
    expect_file res/$p/{tilt,volume,atoms,measures}.h5
    expect_status 0 aet 1 compare --distance 0.7 $p-true.h5 res/$p/atoms.h5
    expect_value out matched_fraction ">=" 0.95
done
expect_file res/summary.csv res/groups.csv res/report.html res/campaign.journal
[ "$(wc -l <res/summary.csv)" = 4 ] || fail "summary.csv should have three particles"
[ "$(wc -l <res/groups.csv)" = 3 ] || fail "groups.csv should have two groups"
[ "$(grep -c done res/campaign.journal)" = 12 ] || fail "the journal should have 12 lines"

head -1 res/summary.csv | grep -q ',reconstruct_r1,' || fail "no R1 in the summary"

# what the command says of a tracing, a campaign keeps too
expect_status 0 aet 1 trace res/a/volume.h5 -o traced.h5 --species Ni,Pt
aet 1 export traced.h5 --scalars -o alone.csv
aet 1 export res/a/atoms.h5 --scalars -o campaign.csv
grep '^trace_' alone.csv >alone
grep '^trace_' campaign.csv | cmp - alone || fail "a campaign keeps other figures of tracing than the command"
[ "$(wc -l <alone)" -ge 18 ] || fail "figures of tracing are missing"
head -1 res/summary.csv | grep -q ',trace_second_pass,' || fail "the summary lacks them"

# again: nothing to do
cp -a res/b/volume.h5 before.h5
expect_status 0 aet 1 run campaign.ini
[ "$(wc -l <res/campaign.journal)" = 12 ] || fail "something was done twice"
[ before.h5 -ot res/b/volume.h5 ] && fail "a finished volume was written again"
expect_status 0 aet 1 plan campaign.ini
expect_value out particles_to_do == 0

# a parameter of the tracing: volumes stay, atoms and measures are made anew
expect_status 0 aet 1 run campaign.ini --set trace.min_distance_A=1.9
[ "$(grep -c "trace.*done" res/campaign.journal)" = 6 ] || fail "tracing should have run again"
[ "$(grep -c "reconstruct.*done" res/campaign.journal)" = 3 ] || fail "reconstruction should have been kept"

# a new particle, a lost file, one item only
printf 'd\tY\t8000\tc.h5\n' >>list.tsv
rm res/a/atoms.h5
expect_status 0 aet 1 run campaign.ini --item 4 --set trace.min_distance_A=1.9
expect_file res/d/measures.h5
expect_no_file res/a/atoms.h5
expect_status 0 aet 3 run campaign.ini --set trace.min_distance_A=1.9
expect_file res/a/atoms.h5
[ "$(wc -l <res/summary.csv)" = 5 ] || fail "summary.csv should have four particles now"
expect_status 2 aet 1 run campaign.ini --item 9
expect_text err 'the table has 4 particles'

# edits of one particle: its atoms are made anew, with them, and again when they change
printf 'name\tgroup\tcycles\tinput\tedits\na\tX\t0\ta.h5\tby_hand.txt\nb\tX\t0\tb.h5\t\n' >list.tsv
echo 'add 10 10 10 Pt' >by_hand.txt
atoms_of() { aet 1 info res/a/atoms.h5 -q >info; value info "$1"; }
before=$(atoms_of atoms)
expect_status 0 aet 2 run campaign.ini --set trace.min_distance_A=1.9
[ "$(atoms_of atoms)" = $((before + 1)) ] || fail "the edit was not applied"
[ "$(atoms_of trace_added)" = 1 ] || fail "the edit was not counted"
echo 'add -10 10 10 Pt' >>by_hand.txt
expect_status 0 aet 1 run campaign.ini --set trace.min_distance_A=1.9
[ "$(atoms_of atoms)" = $((before + 2)) ] || fail "changed edits were not applied"

# a bad particle in the middle costs itself only
printf 'name\tgroup\tcycles\tinput\na\tX\t0\ta.h5\nbad\tX\t0\tnothere.h5\nc\tY\t4000\tc.h5\n' >list.tsv
sed -i 's/output = res/output = res2/' campaign.ini
expect_status 8 aet 2 run campaign.ini
expect_text out '^bad +failed.*nothere.h5'
expect_text out '^c +done'
expect_text err '1 of 3 items failed'
[ "$(wc -l <res2/summary.csv)" = 3 ] || fail "the others should be in the summary"

# what failed since it was measured is left out of the statistics
cp a.h5 nothere.h5
expect_status 0 aet 1 run campaign.ini
[ "$(wc -l <res2/summary.csv)" = 4 ] || fail "the mended particle should be in the summary"
rm nothere.h5
expect_status 8 aet 1 run campaign.ini
expect_text err 'bad is left out'
[ "$(wc -l <res2/summary.csv)" = 3 ] || fail "the particle that failed should not be in the summary"

# the same results on one rank and on four
sed -i 's/output = res2/output = res3/' campaign.ini
expect_status 8 aet 4 run campaign.ini
expect_status 0 aet 1 compare res2/c/measures.h5 res3/c/measures.h5 -t 1e-4

# six particles on four ranks: nobody waits while there is work
sed -i 's/output = res3/output = res4/' campaign.ini
{ printf 'name\tinput\n'; for i in 1 2 3 4 5 6; do printf 'p%d\tb.h5\n' $i; done; } >list.tsv
expect_status 0 aet 4 run campaign.ini
expect_value out finished == 6
expect_value out groups == 4
expect_value out busy_fraction ">" 0.9

expect_status 2 aet 1 run list.tsv
expect_status 3 aet 1 run none.ini
