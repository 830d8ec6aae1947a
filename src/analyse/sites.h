/* Which atom sits on a lattice site: a hash table from
 * three integers to an index.  Everything is Local. */
#ifndef AET_ANALYSE_SITES_H
#define AET_ANALYSE_SITES_H

#include "aetlas/base/error.h"
#include <stdbool.h>

typedef struct aet_fcc_sites aet_fcc_sites;

/* Room for n sites.  NOMEM. */
aet_err aet_fcc_sites_create(int n, aet_fcc_sites **s);
void aet_fcc_sites_free(aet_fcc_sites **s);
void aet_fcc_sites_clear(aet_fcc_sites *s);
/* Puts an atom on a free site and gives -1, or gives the atom that is there. */
int aet_fcc_sites_put(aet_fcc_sites *s, const int site[3], int atom);
/* Puts an atom in place of the one that is on the site. */
void aet_fcc_sites_replace(aet_fcc_sites *s, const int site[3], int atom);
/* The atom on a site, or -1. */
int aet_fcc_sites_get(const aet_fcc_sites *s, const int site[3]);

/* Keeps as members the largest set of atoms that hang together over nearest-neighbour sites (of
 * equal ones that with the lowest atom).  carries: [n], atoms over which a set hangs together; others
 * belong to it at its end.  NOMEM. */
aet_err aet_fcc_sites_keep_largest(const aet_fcc_sites *s, int n, const int (*site)[3],
                                   const bool *carries, bool *member);

#endif
