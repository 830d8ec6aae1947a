/* Shared inside simulate: the blurred atoms of a model, sizes, noise. */
#ifndef AET_SIMULATE_PRIV_H
#define AET_SIMULATE_PRIV_H

#include "aetlas/physics/paint.h"
#include "aetlas/simulate/project.h"

/* A brush for each species of a model; by atomic number, NULL where it does not occur. */
typedef struct {
    aet_brush *by_z[256];
    double sigma_A[256];
    int heaviest; /* atomic number */
} aet_blurred;

/* Local.  Reads the widths, finds the species of the model, makes their brushes. */
aet_err aet_blurred_create(const aet_atoms *atoms, const aet_simulate_params *p, aet_blurred *b);
void aet_blurred_free(aet_blurred *b);

/* Local.  Everything about a model and its parameters that can be wrong. */
aet_err aet_simulate_check(const aet_atoms *atoms, const aet_simulate_params *p);
/* Local.  Pixels for a model that reaches reach_A from
 * the pivot: the parameter, or the next good FFT size. */
aet_err aet_simulate_size(const aet_simulate_params *p, double reach_A, int *size);

/* Collective.  Replaces the images (the same on all ranks) by Poisson counts in the same units. */
aet_err aet_simulate_dose(MPI_Comm comm, aet_tilt *t, const aet_simulate_params *p, int heaviest);

#endif
