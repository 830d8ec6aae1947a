# san: yes
# A series with wrong tilt angles and wrong places of images gets them back; on 1 to 3 ranks; what is refused.
. "$(dirname "$0")/../lib.sh"
expect_status 0 aet 1 simulate particle --shape truncated --size 7 --rotate 20,35,50 -o atoms.h5
awk 'BEGIN { for (i = 0; i < 21; i++) { t = -70 + 7 * i; print t >"given.tlt"; print t + 1.5 * sin(7 * i * i) >"true.tlt" } }'
expect_status 0 aet 1 simulate tilt atoms.h5 --angles true.tlt --pixel 0.7 --size 36 -o true.h5
expect_status 0 aet 1 export true.h5 -o true.mrc
expect_status 0 aet 1 import --images true.mrc --angles given.tlt --pixel 0.7 -o tilt.h5

set_theta="--set refine.phi=false --set refine.psi=false --set refine.coarsest=2"
expect_status 0 aet 2 refine tilt.h5 -o refined.h5 $set_theta --table moves.csv --volume volume.h5 \
    --set reconstruct.iterations=30
expect_file refined.h5 moves.csv volume.h5
expect_text out '^tilt_010 = '
[ "$(wc -l <moves.csv)" = 22 ] || fail "22 lines expected in moves.csv"
expect_value out reference == 10
expect_value out tilts_lost == 0
expect_value out r1_after '<' "$(awk -v r="$(value out r1_before)" 'BEGIN { print 0.75 * r }')"
# angles against the truth, without what is common to all: 1.1 degrees of error (RMS) at first
rms() { # COLUMN of moves.csv
    paste -d, true.tlt <(tail -n +2 moves.csv) | awk -F, -v c="$1" '
        { d[NR] = $(c + 1) - $1; sum += d[NR] }
        END { for (i = 1; i <= NR; i++) s += (d[i] - sum / NR) ^ 2; print sqrt(s / NR) }'
}
awk -v before="$(rms 3)" -v after="$(rms 6)" 'BEGIN { print before, after; exit !(before > 0.9 && after < 0.3) }' ||
    fail "tilt angles: $(rms 3) degrees before, $(rms 6) after"
cp moves.csv moves2.csv
for n in 1 3; do
    expect_status 0 aet $n refine tilt.h5 -o refined$n.h5 $set_theta --table moves.csv
    paste -d, moves.csv moves2.csv | tail -n +2 | awk -F, '{ for (c = 5; c < 10; c++) if (($c - $(c + 12)) ^ 2 > 1e-4) exit 1 }' ||
        fail "$n ranks find other poses than 2"
done

expect_status 0 aet 2 refine tilt.h5 -o fourier.h5 $set_theta --set reconstruct.projector=fourier --set refine.finest=2 \
    --set refine.rounds=4
expect_value out r1_after '<' "$(value out r1_before)"

# A campaign with refinement: done once, again when its parameters change, and left out when it is switched off.
cat >campaign.ini <<'END'
[campaign]
particles = list.tsv
output = res
pictures = false
refine = yes
[refine]
coarsest = 2
finest = 2
rounds = 3
[reconstruct]
iterations = 20
END
printf 'name\tinput\na\ttilt.h5\n' >list.tsv
expect_status 0 aet 1 plan campaign.ini
expect_status 0 aet 2 run campaign.ini
expect_file res/a/{tilt,refined,volume,atoms,measures}.h5
[ "$(cut -f1-3 res/campaign.journal | grep -c refine)" = 1 ] || fail "the journal should have one line of the refinement"
expect_status 0 aet 1 run campaign.ini
[ "$(wc -l <res/campaign.journal)" = 5 ] || fail "something was done twice"
expect_status 0 aet 1 run campaign.ini --set refine.rounds=2
[ "$(wc -l <res/campaign.journal)" = 9 ] || fail "the refinement and what follows should have been done again"
expect_status 0 aet 1 run campaign.ini --set campaign.refine=no
[ "$(wc -l <res/campaign.journal)" = 12 ] || fail "without refinement the import is kept, and three stages are done again"

expect_status 2 aet 1 refine tilt.h5 -o none.h5 --set refine.reference=21
expect_text err 'the tilts are 0 to 20'
expect_status 2 aet 2 refine tilt.h5 -o none.h5 --set refine.phi=false --set refine.theta=false \
    --set refine.psi=false --set refine.shift=false
expect_text err 'nothing to refine'
expect_status 2 aet 1 refine tilt.h5 -o none.h5 --set refine.finest=8
expect_text err 'is finer than'
expect_status 3 aet 1 refine volume.h5 -o none.h5
expect_status 2 aet 1 refine tilt.h5
touch halt
expect_status 7 aet 2 refine tilt.h5 -o none.h5 --stop-file halt
expect_text err 'the refinement was stopped'
expect_no_file none.h5 none.h5.part
