/* What the steps of aet_analyse share. */
#ifndef AET_ANALYSE_PRIV_H
#define AET_ANALYSE_PRIV_H

#include "aetlas/analyse/analyse.h"
#include "aetlas/analyse/grains.h"
#include "aetlas/analyse/pair.h"
#include "aetlas/num/cells.h"

typedef struct {
    aet_atoms *a;
    const aet_analyse_params *params;
    int n_species, z[8], count[8]; /* species in ascending atomic number */
    uint8_t *kind;                 /* [n]: index of an atom's species */
    aet_cells *cells;
    aet_pairs pairs;
    aet_pair_shells shells;
    aet_grains *grains;
    aet_fcc fcc;       /* of the largest grain */
    double constant_A; /* mean lattice constant of the grains; 0 without a lattice */
    int (*site)[3];    /* borrowed, [n]: in the lattice of the atom's grain, where */
    bool *member;      /* [n]: the atom has one */
    int *near_grain; /* [n]: its grain, or that of the nearest atom with one; 0 without a lattice */
    double cutoff_A; /* 0: no neighbours */
    aet_neighbours *nb;
    bool *skin;      /* [n]: near the boundary of the tomogram; NULL: not asked for */
    bool *surface;   /* [n] */
    double *depth_A; /* [n] */
    double *counted; /* [n]: what an atom counts as a neighbour, for generalised coordination */
    double *strain;  /* [n], linear, of the first shell; NULL without a lattice */
    bool *strained;  /* [n]: it could be told */
    double layer_normal[3]; /* of the close-packed layers that were told apart; 0 0 0: none */
    double (*stacking)[3];  /* [n]: across the close-packed planes of an hcp atom, else 0 */
} analysis;

/* Values of the column structure. */
enum { AET_STRUCTURE_OTHER, AET_STRUCTURE_FCC, AET_STRUCTURE_HCP, AET_STRUCTURE_SURFACE };

/* Under a tenth of the atoms is chance: the fit of a
 * few atoms of a glass would look like a measurement. */
static inline bool analyse_has_lattice(const analysis *m)
{
    return 10 * m->grains->assigned >= m->a->n && m->grains->assigned > 0;
}

/* The lattice that atom i goes by; there must be one. */
static inline const aet_lattice *analyse_lattice_at(const analysis *m, int i)
{
    return &m->grains->fit[m->near_grain[i] - 1].lattice;
}

/* Checks the model and sorts its atoms, before all steps; release in either case. */
aet_err analyse_prepare(analysis *m);
void analyse_release(analysis *m);

/* The steps that follow the count of pairs, in order; the last has no run. */
typedef struct {
    const char *name;
    aet_err (*run)(analysis *m);
} analyse_step;
extern const analyse_step analyse_steps[];

/* Each Local; adds its measures to m->a. */
aet_err analyse_lattice(analysis *m);
/* How the grains are turned against each other; after neighbours. */
aet_err analyse_grain_pairs(analysis *m);
/* Cutoff, neighbours, coordination. */
aet_err analyse_neighbours(analysis *m);
/* Collective.  Atoms outside the boundary of the tomogram made smaller: m->skin. */
aet_err analyse_skin(MPI_Comm comm, const aet_volume *v, analysis *m);
/* Surface atoms and depth. */
aet_err analyse_surface(analysis *m);
/* Normalised pair distribution; needs lattice and depth for the density. */
aet_err analyse_pairs(analysis *m);
/* Numbers and fractions, short-range order, and their profile over depth. */
aet_err analyse_order(analysis *m);

/* The surface mesh: area, volume, sphericity, distances to it; and layers peeled off. */
aet_err analyse_shape(analysis *m);
/* Strain of first shells, of the smoothed displacement field, and along the radius. */
aet_err analyse_strain(analysis *m);
/* The tensor in the axes of the layers; after analyse_layers. */
aet_err analyse_strain_layers(analysis *m);
/* Generalised coordination and what it says of oxygen reduction. */
aet_err analyse_activity(analysis *m);

/* Bond-orientational order, centrosymmetry, structure by common neighbours; then, */
aet_err analyse_bonds(analysis *m);
/* from these, twins and stacking faults. */
aet_err analyse_faults(analysis *m);
/* Close-packed layers one by one; after analyse_faults. */
aet_err analyse_layers(analysis *m);

/* Enrichment of one element, mixed surroundings, width of an interface. */
aet_err analyse_enrichment(analysis *m);
/* Collective.  Crystallinity and penetration depth, where wanted. */
aet_err analyse_crystallinity(MPI_Comm comm, analysis *m);
/* Probability, by Kolmogorov and Smirnov, that both samples are of one distribution; sorts them. */
double analyse_same_distribution(int n, double *x, int m, double *y);
/* Normals, curvature and facets of the surface; after analyse_bonds. */
aet_err analyse_facets(analysis *m);
aet_err analyse_facet_classes(analysis *m);

/* Strain and activity averaged over the surface; after these. */
aet_err analyse_surface_means(analysis *m);
/* How far from the surface the share of an element changes; after surface. */
void analyse_segregation(analysis *m, int kind);

/* The same from strain and facet alone; after facets and strain. */
aet_err analyse_strain_activity(analysis *m);

/* A scalar "PREFIX_SYMBOL[SUFFIX]" of one species. */
void analyse_add_for(analysis *m, const char *prefix, int species, const char *suffix, double value,
                     const char *unit, const char *description);

#endif
