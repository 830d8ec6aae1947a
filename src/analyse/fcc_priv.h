/* Growth and fit of one lattice, for the first and for further ones.  Everything is Local. */
#ifndef AET_ANALYSE_FCC_PRIV_H
#define AET_ANALYSE_FCC_PRIV_H

#include "aetlas/analyse/fcc.h"
#include "analyse/sites.h"

#include <stdbool.h>

typedef struct {
    const aet_atoms *a;
    const aet_cells *cells;
    double start_A, tolerance;
    const bool *taken; /* NULL, or [n]: atoms that no growth may take */
    int (*site)[3];    /* owned, [n]: of each atom */
    bool *member;      /* owned, [n] */
    bool *carries;     /* owned, [n]: the lattice hangs together over it */
    double (*r)[3];    /* owned, [n]: of the members, for the fit */
    int (*s)[3];       /* owned, [n] */
    aet_fcc_sites *sites;
    int *queue, count; /* owned, [n]: the assigned atoms in order; their number */
} fcc_work;

/* NOMEM; free in either case. */
aet_err fcc_work_make(const aet_atoms *a, const aet_cells *cells, double start_A, double tolerance,
                      fcc_work *w);
void fcc_work_free(fcc_work *w);

typedef struct {
    int atom, score; /* score: of the 12 neighbour sites those with an atom */
    double misfit;   /* sum of squared distances of these */
    double rotation[3][3];
} fcc_seed;

/* Best orientation of the surroundings of one atom. */
fcc_seed fcc_look_around(const fcc_work *w, int atom);

/* Vectors from an atom to its 12 neighbour sites. */
void fcc_vectors(const aet_lattice *l, double v[12][3]);
/* Takes away, until nothing changes, members with fewer than three bonds (the least that fixes an
 * atom on a face), and what then hangs apart or by a thread; the members' sites must be in w->sites.  NOMEM. */
aet_err fcc_prune(fcc_work *w, const aet_lattice *l);
/* Global fit over the members; false, with the lattice as it was, when there is too little to fit. */
bool fcc_refit(fcc_work *w, aet_fcc *fit);
/* Alternates growth from the seed and fit until the lattice stands still.  NOMEM. */
aet_err fcc_settle(fcc_work *w, const fcc_seed *s, aet_fcc *fit);

#endif
