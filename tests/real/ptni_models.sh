# Published models of PtNi particles (Yang et al., Nat. Catal. 7, 796 (2024)): composition, lattice, Pt at the surface.
. "$(dirname "$0")/../lib.sh"
models=$(data ptni)

check() { # NAME ATOMS NI
    expect_status 0 aet 1 import --atoms "$models/model/model_$1.mat" --types "$models/types/atoms_$1.mat" \
        --species Ni,Pt -o "$1.h5"
    expect_status 0 aet 2 analyse "$1.h5" -o "$1.measures.h5" --set analyse.core_depth_A=4
    expect_value out atoms == "$2"
    expect_value out atoms_Ni == "$3"
    # One fcc lattice up to a few defects; PtNi lies between Ni 3.52 A and Pt 3.92 A, the published scale
    # being up to 2 % too long.
    expect_value out fcc_assigned '>' 0.95
    expect_value out fcc_constant_A '>' 3.75
    expect_value out fcc_constant_A '<' 4.02
    # A sixth to a third of the atoms of particles of 5 to 8 nm lie at the surface.
    awk -v s="$(value out surface_atoms)" -v n="$2" 'BEGIN { exit !(s > n / 6 && s < n / 3) }' ||
        fail "$1: $(value out surface_atoms) surface atoms of $2"
    cp out "$1.out"
}
check p3 14172 5696
check p5 4281 850
check p7 6435 1442
check S3 13618 5241
check S4 15694 6192
check S6 7220 2166

# Platinum at the surface: the outermost layer holds less nickel than the particle, by five standard errors.
for p in p3 p7 S3 S4 S6; do
    aet 1 export $p.measures.h5 --curve depth_profile -o $p.csv -q
    awk -F, -v whole="$(value $p.out fraction_Ni)" -v p=$p 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR == 2 { f = $at["fraction_Ni"]
            printf "%s: Ni fraction %.3f at the surface, %.3f in all\n", p, f, whole
            exit !(f + 5 * $at["error_Ni"] < whole) }' $p.csv || fail "$p: no platinum at the surface"
done

# Positions and types that do not fit each other, and atoms on top of each other.
expect_status 3 aet 1 import --atoms "$models/model/model_p1.mat" --types "$models/types/atoms_p1.mat" --species Ni,Pt \
    -o p1.h5
expect_text err '11559'
expect_text err '11561'
expect_status 3 aet 1 analyse "$models/model/model_p2.mat" --types "$models/types/atoms_p2.mat" --species Ni,Pt
expect_text err 'apart'
