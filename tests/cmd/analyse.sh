# An octahedron that the program builds: its measures, files, figures, and what is refused.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 12 --lattice 3.84 --fraction 0.4 --shell 1 \
    --displacement 0.1 --rotate random -o atoms.h5 >/dev/null

expect_status 0 aet 1 analyse atoms.h5 -o measures.h5
cp out one
expect_value one atoms == 1156
expect_value one surface_atoms == 486
expect_value one bonds == 6072
expect_value one fcc_assigned == 1
expect_value one fcc_constant_A '>' 3.83
expect_value one fcc_constant_A '<' 3.85
expect_value one fcc_rmsd_pm '<' 11
expect_file measures.h5
expect_no_file measures.h5.part

# The measures can be analysed again and give the same; so do more ranks.
expect_status 0 aet 1 analyse measures.h5
cmp out one
expect_status 0 aet 2 analyse atoms.h5 -o two.h5
cmp out one
expect_status 0 aet 3 analyse atoms.h5 -o three.h5
cmp out one

# Parameters reach the stage.
expect_status 0 aet 1 analyse atoms.h5 --set analyse.cutoff=fixed --set analyse.cutoff_A=4.2
expect_value out coordination_mean '>' 13
expect_status 2 aet 1 analyse atoms.h5 --set analyse.cutoff=guess
expect_text err 'valley'
expect_status 2 aet 1 analyse atoms.h5 --set analyse.core_depth_A=-1
expect_text err 'core_depth_A'
expect_status 3 aet 2 analyse nothing.h5
expect_text err 'nothing.h5'
expect_status 2 aet 1 analyse

# Foreign models; atoms on top of each other are refused with their names.
printf '3\n\nPt 0 0 0\nPt 2.7 0 0\nNi 0 2.7 0\n' >three.xyz
expect_status 0 aet 1 analyse three.xyz
expect_value out atoms_Pt == 2
expect_value out bonds == 2
printf '3\n\nPt 0 0 0\nPt 2.7 0 0\nNi 0 0.5 0\n' >near.xyz
expect_status 3 aet 2 analyse near.xyz
expect_text err 'near.xyz: atoms 1 and 3 .* 0.500 A apart'
expect_status 0 aet 1 analyse near.xyz --set analyse.min_distance_A=0

# Surface by a tomogram, here the model's own.
expect_status 2 aet 1 analyse atoms.h5 --set analyse.surface=mask
expect_text err '--volume'
expect_status 0 aet 1 simulate volume atoms.h5 --pixel 0.8 -o volume.h5
expect_status 0 aet 2 analyse atoms.h5 --volume volume.h5
expect_value out surface_atoms '>' 500

# Strain on a grid, for ParaView.
expect_status 0 aet 2 analyse atoms.h5 --maps strain.h5 --set analyse.map_voxel_A=2
expect_file strain.h5
expect_status 0 aet 1 info strain.h5
expect_text out 'maps/strain_xx'
expect_status 0 aet 1 export strain.h5 -o strain.xdmf
expect_text strain.xdmf 'strain.h5:/maps/displacement'
expect_status 2 aet 1 export strain.h5 -o strain.mrc

# Figures: numbers always; pictures where gnuplot is, and a warning where it is not.  Maps need no gnuplot.
AETLAS_GNUPLOT=$PWD/no-gnuplot expect_status 0 aet 1 analyse atoms.h5 --figures plain
expect_text err 'gnuplot cannot be started'
panels='facet_shares facet_shares_coordination coordination_surface composition_depth composition_layer csro_depth
    enrichment_mixed strain_depth strain_histogram strain_radial pair_distribution coordination coordination_radius
    bond_order structure activity_facets masgcn_histogram activity_histogram activity_of_strain'
for f in $panels; do
    expect_file plain/$f.csv
    expect_no_file plain/$f.png plain/$f.svg plain/$f.png.part plain/$f.gp.part
done
for f in elements elements_cut facet coordination csro csro_cut enrichment strain strain_cut activity strain_activity \
    strain_xx strain_yz strain_radial layers; do
    head -c 8 plain/map_$f.png | od -An -c | grep -q 'P *N *G' || fail "plain/map_$f.png is no PNG"
done
expect_text plain/coordination.csv '^12,670'

# A profile against the atoms themselves: share of Ni among the surface atoms, and its standard error.
aet 1 export measures.h5 -o atoms.csv -q
awk -F, 'FNR == NR { if (FNR == 2) { y = $2; e = $3 } next }
    FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["depth_A"] == 0 { n++; ni += $2 == "Ni" }
    END { f = ni / n; s = sqrt(f * (1 - f) / n)
        exit !(n == 486 && (y - f)^2 < 1e-16 && (e - s)^2 < 1e-16) }' plain/composition_depth.csv atoms.csv ||
    fail "composition at the surface: $(sed -n 2p plain/composition_depth.csv)"

need gnuplot
expect_status 0 aet 2 analyse atoms.h5 --figures drawn
for f in $panels; do
    expect_file drawn/$f.svg
    cmp drawn/$f.csv plain/$f.csv
    head -c 8 drawn/$f.png | od -An -c | grep -q 'P *N *G' || fail "drawn/$f.png is no PNG"
done
[ "$(ls drawn | grep -c part)" = 0 ] || fail "more than figures and numbers: $(ls drawn)"
