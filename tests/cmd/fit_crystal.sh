# A crystal in noise, each ninth atom the other element, each twelfth 1 A off: small steps do not bring them all back, the
# sites do; places that the neighbours expect within 0.3 A are nearer to the truth than free ones.
. "$(dirname "$0")/../lib.sh"

aet 1 simulate particle -o crystal.h5 --shape octahedron --size 9 --species Ni,Pt --fraction 0.3 --displacement 0.1 --rotate 20,35,50 --seed 3 >model.txt
aet 1 simulate tilt crystal.h5 -o noisy.h5 --tilts -66:6:66 --pixel 0.4 --sigma Ni:0.6,Pt:0.7 --margin 4 --dose 1e5 >tilt.txt
aet 1 export crystal.h5 -o crystal.xyz
awk 'NR < 3 { print; next }
    { if (NR % 9 == 0) $1 = $1 == "Ni" ? "Pt" : "Ni"
      print $1, $2 + 0.15 * sin(NR * NR), $3 + 0.15 * sin(7 * NR * NR), $4 + 0.15 * sin(11 * NR * NR) + (NR % 12 == 0) }' crystal.xyz |
    sed '2s/.*/spoilt/' >moved.xyz
aet 1 import --atoms moved.xyz -o moved.h5 >import.txt
for how in yes no; do
    expect_status 0 aet 2 fit moved.h5 noisy.h5 -o $how.h5 --set fit.sigma_A=0.65 --set fit.rounds=2 --set fit.crystal=$how
    cp out $how.txt
    aet 1 compare crystal.h5 $how.h5 --distance 0.7 --keep-shift >compare_$how.txt
done
expect_value yes.txt placed '>' 0
expect_value no.txt placed == 0
expect_value compare_yes.txt missing '<=' 1 # noise may cost a corner
expect_value compare_no.txt missing '>=' 3
expect_value compare_yes.txt false == 0
expect_value compare_yes.txt mutual_rmsd_pm '<' "$(awk "BEGIN { print 0.85 * $(value compare_no.txt mutual_rmsd_pm) }")"
# All species come from the images: 97 % are right however they were named (the fit that starts from the truth has more,
# because it changes only what noise makes worth it).
expect_value compare_yes.txt mutual_species_fraction '>' 0.95
expect_value compare_no.txt mutual_species_fraction '>' 0.95
