/* Where a crystal expects its atoms: what looking for lattices tells the fit to images. */
#ifndef AET_DATA_EXPECTED_H
#define AET_DATA_EXPECTED_H

#include "aetlas/data/atoms.h"

enum {
    AET_EXPECTED_NOT,    /* nothing is known: no lattice, or too few neighbours */
    AET_EXPECTED_SITE,   /* at a site, its own or one beside it that is free */
    AET_EXPECTED_SURPLUS /* not at all: it has no site, and others' leave it no room */
};

typedef struct {
    int n_grains, assigned; /* as found; assigned counts atoms on sites */
    double nearest_A;       /* median distance of nearest neighbours */
    int *what;              /* owned, [atoms] */
    double (*at_A)[3];      /* owned, [atoms]: of those expected at a site */
    int vacant;             /* free sites with half of their neighbours or more, no atom near */
    double (*vacant_A)[3];  /* owned, [vacant] */
} aet_expected;

/* Local. */
void aet_expected_free(aet_expected **e);

#endif
