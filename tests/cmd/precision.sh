# precision from its command line: linear and PRISM images, what it writes, the same on any number of ranks.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../precision.sh"
precision_make

linear="--set precision.images=linear --set simulate.sigma_A=0.4 --set reconstruct.iterations=40"
expect_status 0 aet 1 precision a.h5 m.h5 -o lin.h5 $linear --figures fig --found found.h5 --images images.h5
cp out lin.txt
expect_text err 'model and series belong together'
expect_text err 'core hours'
# blurred from 0.4 to between 0.55 and 0.6 A: by 0.38 to 0.45 A; the noise is what was put in, to its own deviation
expect_value out blur_A '>' 0.37
expect_value out blur_A '<' 0.46
expect_value out noise_dose_e_per_A2 '>' 2.7e6
expect_value out noise_dose_e_per_A2 '<' 3.3e6
expect_value out linear_match '>' 0.9
# 21 tilts to 70 degrees, little noise: nearly all atoms, to a fraction of a pixel (50 pm)
expect_value out identification '>=' 0.97
expect_value out identification_species '>=' 0.95
expect_value out rmsd_pm '<' 20
expect_value out atoms == 201
expect_file lin.h5 fig/displacements.{png,csv} fig/depth.{png,csv}
expect_no_file lin.h5.work lin.h5.part
# what it says agrees with what it wrote, and with another way to count it
expect_status 0 aet 1 compare a.h5 found.h5 --distance "$(value lin.txt common_limit_A)"
expect_value out mutual == "$(value lin.txt common)"
expect_value out false == "$(value lin.txt false_atoms)"
expect_status 0 aet 1 info images.h5
expect_status 0 aet 1 export lin.h5 --curve precision_layers -o layers.csv
awk -F, 'NR > 1 { n += $3 } END { exit n != 201 }' layers.csv || fail "the layers do not hold all atoms"
expect_status 0 aet 1 export lin.h5 -o lin.csv
head -1 lin.csv | grep -q 'displacement_A_2.*common.*deviation_A' || fail "no displacements in the table"

# on three ranks: the same atoms, and figures that differ by rounding alone
expect_status 0 aet 3 precision a.h5 m.h5 -o lin3.h5 $linear
for key in common false_atoms identification_species; do expect_value out $key == "$(value lin.txt $key)"; done
awk -v a="$(value out rmsd_pm)" -v b="$(value lin.txt rmsd_pm)" 'BEGIN { exit !((a - b) ^ 2 < 0.01) }' || fail "another RMSD on 3 ranks"
# no noise where none is wanted, a given blur
expect_status 0 aet 2 precision a.h5 m.h5 -o clean.h5 $linear --set precision.dose_e_per_A2=0 --set precision.blur_A=0.3
expect_value out noise_dose_e_per_A2 == 0
expect_value out blur_A == 0.3

# PRISM: sharper atoms, stronger contrast of the elements; 7 tilts find most of the platinum
precision_make -60:20:60
expect_status 0 aet 2 precision a.h5 m.h5 -o prism.h5 $prism --set stem.phonons=1
expect_text err '7 items to do of about .* core hours'
expect_value out identification_Pt '>=' 0.9
expect_value out rmsd_Pt_pm '<' 40
expect_value out image_scale '>' 100
expect_no_file prism.h5.work

# 15 tilts: among platinum, nickel is hardly a peak of the volume, but the images show it: the fit finds more than half of
# what tracing has lost (of 80 atoms 66 are traced, 74 there after the fit)
precision_make -70:10:70
expect_status 0 aet 2 precision a.h5 m.h5 -o traced.h5 $prism --set stem.phonons=1
mv out traced.txt
expect_status 0 aet 2 precision a.h5 m.h5 -o fitted.h5 --found fitted_atoms.h5 $prism --set stem.phonons=1 --set precision.fit=yes
expect_text err 'fit: about .* core hours'
awk -v a="$(value traced.txt identification_Ni)" -v b="$(value out identification_Ni)" 'BEGIN { exit !(1 - b < (1 - a) / 2) }' ||
    fail "nickel: $(value out identification_Ni) after the fit, $(value traced.txt identification_Ni) before"
expect_value out identification_Ni '>=' 0.9
expect_value out identification '>=' "$(value traced.txt identification)"
expect_value out reconstruct_r1 == "$(value traced.txt reconstruct_r1)"
expect_value out fit_r1 '<' 0.13
[ -z "$(value traced.txt fit_r1)" ] || fail "a fit that nobody asked for"
expect_status 0 aet 1 export fitted_atoms.h5 -o found.csv
head -1 found.csv | grep -q 'image_gain' || fail "the atoms found are not those of the fit"
