# The summary of what is there: from measures files, and from a campaign whose particles are atoms.
. "$(dirname "$0")/../lib.sh"
for n in 4 5; do
    mkdir p$n
    aet 1 simulate particle --shape octahedron --size $n --species Ni,Pt --fraction 0.5 -o a.h5 >log 2>&1
    aet 1 analyse a.h5 -o p$n/measures.h5 >log 2>&1
done
export AETLAS_GNUPLOT=$PWD/no-gnuplot # numbers first
expect_status 0 aet 2 summary p4/measures.h5 p5/measures.h5 -o overview
expect_file overview/summary.csv overview/groups.csv overview/report.html overview/p4/map_elements.png
expect_text overview/summary.csv '^p4,,0,.*,44,'
expect_text overview/summary.csv '^p5,,0,.*,85,'
expect_text overview/report.html '64.5 &plusmn; 29' # mean and SD of 44 and 85 atoms
expect_status 2 aet 1 summary p4/measures.h5
expect_text err '-o FOLDER is missing'
expect_status 3 aet 1 summary none.h5 -o x
expect_status 3 aet 1 summary overview/summary.csv -o x
expect_no_file x/summary.csv

# Measures that are missing, cut off or none at all cost themselves only.
mkdir cut
head -c 5000 p5/measures.h5 >cut/measures.h5
expect_status 8 aet 1 summary p4/measures.h5 none.h5 cut/measures.h5 a.h5 p5/measures.h5 -o partly
expect_text err '3 of 5 measures are not in the report'
[ "$(wc -l <partly/summary.csv)" = 3 ] || fail "two particles should be in the summary"
expect_text partly/report.html 'Left out: cut: '
expect_text partly/report.html 'Left out: a: .*no measures in it'
expect_text partly/report.html '64.5 &plusmn; 29'

# A campaign of atoms: no images, so nothing but import and analysis.
printf 'name\tgroup\tcycles\tinput\n' >list.tsv
k=0
for p in A:0:6:0.5 A:0:7:0.45 A:4000:6:0.3 A:4000:7:0.25 A:4000:6:0.2 B:0:6:0.5 B:4000:7:0.4; do
    IFS=: read -r group cycles size fraction <<<"$p"
    k=$((k + 1))
    aet 1 simulate particle --size "$size" --species Ni,Pt --fraction "$fraction" --displacement 0.1 --seed $k \
        -o "m$k.h5" >log 2>&1
    printf 'm%d\t%s\t%s\tm%d.h5\n' $k "$group" "$cycles" $k >>list.tsv
done
aet 1 export m7.h5 -o m7.xyz -q
sed -i 's/m7.h5/m7.xyz/' list.tsv
printf '[campaign]\nname = atoms only\nparticles = list.tsv\noutput = res\n' >campaign.ini
expect_status 0 aet 1 plan campaign.ini
expect_text out '^m1 +146 atoms'
expect_status 0 aet 2 run campaign.ini
expect_no_file res/m1/tilt.h5 res/m1/volume.h5
[ "$(grep -c done res/campaign.journal)" = 14 ] || fail "two stages of each: $(cat res/campaign.journal)"
expect_file res/m7/measures.h5 res/m1/map_facet.png res/m7/map_activity.png
expect_status 0 aet 1 run campaign.ini
[ "$(wc -l <res/campaign.journal)" = 14 ] || fail "something was done twice"

# Means and standard deviations, over again from the table of particles.
awk -F, 'FILENAME == ARGV[1] {
        if (FNR == 1) for (i = 1; i <= NF; i++) at[$i] = i
        else { k = $2 "," $3; n[k]++; s[k] += $at["fraction_Ni"]; q[k] += $at["fraction_Ni"]^2 }
        next }
    FNR > 1 { split($0, v, ","); for (g = 0; g < 2; g++) {
        k = (g ? "B," : "A,") v[3 * g + 1]; mean = s[k] / n[k]
        sd = n[k] > 1 ? sqrt((q[k] - n[k] * mean^2) / (n[k] - 1)) : ""
        if ((v[3 * g + 2] - mean)^2 > 1e-16 || (sd == "") != (v[3 * g + 3] == "") || (v[3 * g + 3] - sd)^2 > 1e-12) bad = 1
        rows++ } }
    END { exit bad || rows != 4 }' res/summary.csv res/figures/composition_Ni.csv ||
    fail "composition_Ni.csv: $(cat res/figures/composition_Ni.csv)"

# A profile over again from the atoms: the surface of the particles of A at 4000 cycles.
for k in 3 4 5; do
    aet 1 export res/m$k/measures.h5 -o m$k.csv -q
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["depth_A"] == 0 { n++; ni += $2 == "Ni" } END { printf "%.12g\n", ni / n }' m$k.csv
done >surface
expect_text res/figures/composition_depth_Ni_A.csv '^"0 cycles \(n = 2\) x",.*"4000 cycles \(n = 3\) x"'
awk -F, 'FNR == NR { s += $1; q += $1^2; next } FNR == 2 { m = s / 3; sd = sqrt((q - 3 * m^2) / 2)
    exit !(($5 - m)^2 < 1e-16 && ($6 - sd)^2 < 1e-12) }' surface res/figures/composition_depth_Ni_A.csv ||
    fail "composition_depth_Ni_A.csv: $(cat surface res/figures/composition_depth_Ni_A.csv)"

# Every panel that such particles have.
panels='atoms diameter sphericity facets_111 facets_100 facets_110 facet_shares_A facet_shares_coordination_B
    specific_surface coordination_surface_A composition_Ni composition_depth_Ni_B composition_layer_Ni_A csro_depth_Ni_A
    csro_depth_Pt_B csro_surface_Ni csro_surface_Pt enrichment_mixed_Pt_A mixed_Ni mixed_Pt strain_surface_Pt strain_depth_Pt_A
    strain_histogram_Pt_B strain_radial_A strain_radial_mean pair_distribution_all_pairs_A pair_distribution_Ni-Pt_B
    coordination_A coordination_radius_B coordination_above_8 structure_A activity activity_facets_B activity_facet_111
    activity_strain masgcn_histogram_A activity_histogram_A lattice_rmsd lattice_assigned'
for f in $panels; do expect_file res/figures/$f.csv; done
for s in overview shape chemistry strain order activity quality particles; do
    expect_text res/report.html "id=\"$s\""
done

unset AETLAS_GNUPLOT
need gnuplot
expect_status 0 aet 1 summary campaign.ini
for f in $panels; do
    expect_file res/figures/$f.png res/figures/$f.svg
    expect_text res/report.html "src=\"figures/$f.svg\""
done
