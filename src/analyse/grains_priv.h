/* What the search for grains shares with their borders.  Everything is Local. */
#ifndef AET_ANALYSE_GRAINS_PRIV_H
#define AET_ANALYSE_GRAINS_PRIV_H

#include "aetlas/analyse/grains.h"
#include "analyse/fcc_priv.h"

typedef struct {
    fcc_work w;
    int n, least;
    aet_fcc *fit;      /* [n], in the order they were found */
    int *grain, *next; /* [atoms]: 1 .. n; of the next round */
    int (*site)[3], (*next_site)[3];
    bool *used; /* [atoms]: grown by a seed that failed */
    aet_neighbours *nb;
} grain_search;

/* How far from its site of a lattice an atom may lie. */
double reach_of(const grain_search *s, const aet_lattice *l);
double site_distance(const grain_search *s, int atom, const aet_lattice *l, const int site[3]);

/* Every atom at a border goes to the grain whose site is nearest; gives the number that changed. */
int grains_share_borders(grain_search *s);
/* Sorts out atoms on one site, prunes and fits grain g again.  NOMEM. */
aet_err grains_refit(grain_search *s, int g);
/* Brings grain k of the result into its standard description, about its own centroid. */
void grains_standard(const grain_search *s, aet_grains *g, int k);

#endif
