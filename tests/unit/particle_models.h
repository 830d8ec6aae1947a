/* Model particles under test, and who is near whom in them. */
#ifndef AET_TEST_PARTICLE_MODELS_H
#define AET_TEST_PARTICLE_MODELS_H

#include "aetlas/num/cells.h"
#include "aetlas/simulate/particle.h"
#include "test.h"

static inline aet_particle_params defaults(void)
{
    aet_particle_params p;
    T_OK(aet_config_load(NULL, &aet_particle_table, &p));
    snprintf(p.species, sizeof p.species, "Pt");
    p.lattice_A = 3.912;
    return p;
}

static inline aet_atoms *build(const aet_particle_params *p)
{
    aet_atoms *a = NULL;
    T_OK(aet_particle_build(p, &a));
    return a;
}

static inline aet_neighbours *link_atoms(const aet_atoms *a, double limit_A)
{
    aet_cells *cells = NULL;
    aet_neighbours *nb = NULL;
    T_OK(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0, &cells));
    T_OK(aet_neighbours_find(cells, limit_A, &nb));
    aet_cells_free(&cells);
    return nb;
}

static inline double scalar(const aet_atoms *a, const char *name)
{
    double v = NAN;
    T_CHECK(aet_atoms_find_scalar(a, name, &v));
    return v;
}

#endif
