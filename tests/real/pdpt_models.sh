# Published models of Pd@Pt particles (Li et al., Nat. Commun. 14, 2934 (2023)): the interface of core and shell, twins.
. "$(dirname "$0")/../lib.sh"
models=$(data pdpt)

check() { # NAME ATOMS
    expect_status 0 aet 1 import --atoms "$models/coordinates_$1.mat" --species Pd,Pt --pixel 0.3434 -o "$1.h5"
    expect_status 0 aet 1 analyse "$1.h5" -o "$1.measures.h5"
    expect_value out atoms == "$2"
    # Published: 4.2 A thick. Definitions of a width differ by their smoothing, here within 0.6 A.
    expect_value out interface_width_A '>' 3.6
    expect_value out interface_width_A '<' 4.8
    # Core and shell: Pd keeps to itself, against 0 of a random alloy.
    expect_value out enrichment_Pd_Pd '>' 0.5
    expect_value out enrichment_Pd_others '<' -0.5
    # The shell is platinum, and about two layers thick: the outer 5 A hold little else.
    expect_value out fraction_Pt_surface '>' 0.85
    cp out "$1.out"
}
check PB 12038
# A pentagonal bipyramid: five twins around an axis, a quarter of the atoms on the lattice of one, nearly all on
# those of the five; two of them touch along each of the five twin planes.
expect_value PB.out grains == 5
expect_value PB.out fcc_assigned '<' 0.3
expect_value PB.out grain_assigned '>' 0.97
expect_value PB.out twin_grain_pairs == 5
expect_value PB.out twin_planes == 5
check TO 8468
expect_value TO.out grains == 1 # a truncated octahedron is one crystal
expect_value TO.out grain_assigned '>' 0.97
echo "interface: $(value PB.out interface_width_A) and $(value TO.out interface_width_A) A"
