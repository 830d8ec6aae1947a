# A spoilt model is found again from the images: atoms moved, one exchanged, one gone, one too many; poses; a campaign.
# san: yes
. "$(dirname "$0")/../lib.sh"

aet 1 simulate particle -o model.h5 --shape octahedron --size 4 --species Ni,Pt --fraction 0.3 --rotate 20,35,50 --seed 3 >model.txt
aet 1 simulate tilt model.h5 -o tilt.h5 --tilts -70:10:70 --pixel 0.4 --sigma Ni:0.6,Pt:0.7 --margin 4 >tilt.txt
aet 1 export model.h5 -o model.xyz
# every coordinate off by up to 0.2 A, the tenth atom goes 2.4 A away, the twentieth is the other element
awk 'NR < 3 { print; next }
    { s = $1; if (NR == 22) s = s == "Ni" ? "Pt" : "Ni"
      far = NR == 12 ? 30 : 0
      print s, $2 + 0.2 * sin(NR * NR) + far, $3 + 0.2 * sin(7 * NR * NR), $4 + 0.2 * sin(11 * NR * NR) }' model.xyz |
    sed '2s/.*/spoilt/' >spoilt.xyz
aet 1 import --atoms spoilt.xyz -o spoilt.h5 >import.txt
settings="--set fit.sigma_A=0.65 --set fit.rounds=3"
for n in 1 2; do
    expect_status 0 aet $n fit spoilt.h5 tilt.h5 -o fitted$n.h5 $settings
    cp out fit$n.txt
done
aet 1 compare fitted1.h5 fitted2.h5 --distance 0.01 --keep-shift >ranks.txt
expect_value ranks.txt mutual_fraction == 1
expect_value fit1.txt added '>=' 1 # others may be taken on for a round and dropped again
expect_value fit1.txt dropped == "$(value fit1.txt added)"
expect_value fit1.txt atoms == 44
expect_value fit1.txt r1_after '<' 0.01
expect_value fit1.txt r1_before '>' 0.1
# B = 2 pi^2 sigma^2: 7.106 and 9.672
expect_value fit1.txt Ni_b_A2 '>' 7.0
expect_value fit1.txt Ni_b_A2 '<' 7.2
expect_value fit1.txt Pt_b_A2 '>' 9.6
expect_value fit1.txt Pt_b_A2 '<' 9.75
aet 1 compare model.h5 fitted1.h5 --distance 0.3 --keep-shift >compare.txt
expect_value compare.txt mutual_fraction == 1
expect_value compare.txt false == 0
expect_value compare.txt mutual_species_fraction == 1
expect_value compare.txt mutual_rmsd_pm '<' 2
expect_status 0 aet 1 export fitted1.h5 -o fitted.xyz
expect_text fitted.xyz image_height:R:1:image_gain:R:1:image_margin:R:1:image_move_A:R:1

# Poses: given angles are off by up to three degrees; the model starts from the truth, which holds them.
aet 1 export tilt.h5 -o tilt.mrc
awk 'BEGIN { for (i = 0; i < 15; i++) print -70 + 10 * i + 3 * sin(3 * i * i) }' >wrong.tlt
aet 1 import --images tilt.mrc --angles wrong.tlt --pixel 0.4 -o wrong.h5 >import.txt
expect_status 0 aet 2 fit model.h5 wrong.h5 -o posed.h5 --tilt-out posed_tilt.h5 $settings --set fit.poses=yes --set fit.rounds=0
expect_value out r1_before '>' 0.015
expect_value out r1_after '<' 0.002
expect_value out rms_angle_deg '>' 1.5
expect_file posed_tilt.h5
expect_status 0 aet 1 fit posed.h5 posed_tilt.h5 -o again.h5 $settings --set fit.rounds=0
expect_value out r1_before '<' 0.005 # its images were shifted by interpolation

# Bad words.
expect_status 2 aet 1 fit model.h5 tilt.h5 -o x.h5 --tilt-out y.h5
expect_text err 'needs --set fit.poses'
expect_status 2 aet 1 fit model.h5 tilt.h5 -o x.h5 --set fit.rim=500
expect_text err 'leaves nothing'
expect_status 3 aet 1 fit tilt.h5 model.h5 -o x.h5
expect_status 2 aet 1 fit model.h5 -o x.h5
touch halt
expect_status 7 aet 2 fit model.h5 tilt.h5 -o x.h5 --stop-file halt
expect_text err 'the fit was stopped'
expect_no_file x.h5 x.h5.part y.h5

# A campaign with a fit: done once, again when its parameters change, left out when it is switched off.
cat >campaign.ini <<'END'
[campaign]
particles = list.tsv
output = res
pictures = false
fit = yes
[reconstruct]
iterations = 30
[fit]
rounds = 1
sigma_A = 0.65
END
printf 'name\tinput\na\ttilt.h5\n' >list.tsv
expect_status 0 aet 1 plan campaign.ini
expect_status 0 aet 2 run campaign.ini
expect_file res/a/{tilt,volume,atoms,fitted,measures}.h5
aet 1 compare res/a/fitted.h5 res/a/measures.h5 --keep-shift >same.txt
expect_value same.txt mutual_rmsd_pm == 0
expect_status 0 aet 1 run campaign.ini
[ "$(wc -l <res/campaign.journal)" = 5 ] || fail "something was done twice"
expect_status 0 aet 1 run campaign.ini --set fit.rounds=2
[ "$(wc -l <res/campaign.journal)" = 7 ] || fail "the fit and the analysis should have been done again"
expect_status 0 aet 1 run campaign.ini --set campaign.fit=no
[ "$(wc -l <res/campaign.journal)" = 8 ] || fail "without the fit only the analysis is done again"
