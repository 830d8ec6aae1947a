# ranks: 1
# Analysis of atoms against SciPy, ASE and OVITO on the same particles and core, where AETLAS_PEERS=DIR (or
# /opt/aet-peers) holds a Python with them (tools/peers/setup DIR): processor seconds side by side, and how far the
# numbers are from each other.  Particles: 26214 atoms of PtNi with displacements of 0.12 A, and, where the data are,
# the published Pd@Pt particle with five twins.
set -u
AET_ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-build}
AETLAS=${AETLAS:-$AET_ROOT/$BUILD/aetlas} PEERS=${AETLAS_PEERS:-/opt/aet-peers}
DATA=${AETLAS_DATA:-$AET_ROOT/../shared/data}
python=$PEERS/venv/bin/python
work=$(mktemp -d) || exit 1
trap 'rm -r "$work"' EXIT
cd "$work" || exit 1
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
if ! "$python" -c 'import scipy' 2>/dev/null; then
    echo "not installed: scipy (tools/peers/setup DIR, then AETLAS_PEERS=DIR)"
    exit 0
fi

# value FILE KEY: of a line `KEY = 0.1` or `file: KEY = 0.1 s`
value() { sed -n "s/^\(file: \)\?$2 = \([-+0-9.e]*\).*/\2/p" "$1"; }
ratio() { # NAME THEIRS OURS WHAT
    [ -n "$2" ] && [ -n "$3" ] || return
    awk -v n="$1" -v p="$2" -v o="$3" -v w="$4" \
        'BEGIN { printf "ratio analyse_%s = %.3g   (%s; theirs %.3f s, ours %.3f s)\n", n, p / o, w, p, o }'
}

compare() { # NAME
    "$AETLAS" analyse -q "$1.h5" -o "$1.measures.h5" >/dev/null && "$AETLAS" export -q "$1.measures.h5" -o "$1.csv" &&
        "$AETLAS" export -q "$1.measures.h5" --scalars -o "$1.scalars.csv" &&
        taskset -c 0 mpirun --bind-to none -n 1 "$AET_ROOT/$BUILD/bench/analyse" "$1.h5" >"$1.ours" || return 1
    taskset -c 0 "$python" "$AET_ROOT/tools/peers/analyse.py" "$1.csv" "$1.scalars.csv" >"$1.theirs" || return 1
    grep -E '(_off|_differs|_ratio|atoms_[a-z]*|_cna_[a-z]*|_ptm_[a-z]*|_inside) = |^not' "$1.theirs" | grep -v '_s = ' | sed "s/^/$1: /"
    ratio "$1_neighbours_scipy" "$(value "$1.theirs" scipy_neighbours_s)" "$(value "$1.ours" neighbours)" \
        "lists of neighbours, cKDTree.query_pairs"
    ratio "$1_neighbours_ase" "$(value "$1.theirs" ase_neighbours_s)" "$(value "$1.ours" neighbours)" "ase.neighborlist"
    ratio "$1_neighbours_ovito" "$(value "$1.theirs" ovito_neighbours_s)" "$(value "$1.ours" neighbours)" "coordination"
    ratio "$1_triangulation_scipy" "$(value "$1.theirs" scipy_triangulation_s)" \
        "$(value "$1.ours" 'of shape, triangulation')" "Delaunay, both by Qhull"
    ratio "$1_mesh_ovito" "$(value "$1.theirs" ovito_mesh_s)" "$(value "$1.ours" 'of shape, triangulation')" \
        "alpha shape, OVITO's by Geogram"
    ratio "$1_bonds_ovito" "$(awk '/ovito_(cna|centrosymmetry|steinhardt)_s =/ { s += $3 } END { if (s) print s }' "$1.theirs")" \
        "$(value "$1.ours" 'bonds and faults')" "common neighbours, centrosymmetry, Q4 and Q6 (ours: and planar faults)"
}

"$AETLAS" simulate particle -q --shape octahedron --size 34 --lattice 3.84 --species Ni,Pt --fraction 0.25 \
    --displacement 0.12 --seed 1 -o octahedron.h5 >/dev/null && compare octahedron || exit 1
[ -r "$DATA/pdpt/coordinates_PB.mat" ] || { echo "skipped: no $DATA/pdpt/coordinates_PB.mat"; exit 0; }
"$AETLAS" import -q --atoms "$DATA/pdpt/coordinates_PB.mat" --species Pd,Pt --pixel 0.3434 -o twins.h5 >/dev/null &&
    compare twins
