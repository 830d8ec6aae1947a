/* Assignment of atoms to one ideal fcc lattice and its global fit.
 *
 * After Jeong et al., Nat. Commun. 16, 8026 (2025) and Lee et al., Nano Lett. 22, 665 (2022): an
 * atom near the centroid and its neighbours give the first orientation.  Breadth first from there,
 * the 12 neighbour sites of each assigned atom are predicted (the mean over the assigned atoms
 * around a site), and an atom within `tolerance` nearest-neighbour distances takes the site; sites on
 * which three assigned neighbours agree come first.
 * Translation, rotation and lattice constant are then fitted to all; growth and fit alternate until
 * the lattice vectors change by less than 1e-5 A.
 *
 * Beyond the papers: atoms with fewer than three neighbours at the right vectors lose their site
 * again, and only what hangs together counts, so that a disordered model is not mistaken for a
 * lattice; several seeds are tried.
 */
#ifndef AET_ANALYSE_FCC_H
#define AET_ANALYSE_FCC_H

#include "aetlas/data/atoms.h"
#include "aetlas/data/lattice.h"
#include "aetlas/num/cells.h"

typedef struct {
    aet_lattice lattice; /* in its standard description; constant_A 0 when none was found */
    int assigned;        /* atoms with a site */
    double rmsd_A;       /* over them */
    int rounds;          /* of assignment and fit */
    bool converged;
} aet_fcc;

/* Local.  start_A: lattice constant to start from.  site: [n]; member:
 * [n], which atoms have one.  A model without a lattice (amorphous, or
 * too few atoms) is no error: assigned is then small or 0. */
aet_err aet_fcc_fit(const aet_atoms *a, const aet_cells *cells, double start_A, double tolerance,
                    aet_fcc *fit, int (*site)[3], bool *member);

#endif
