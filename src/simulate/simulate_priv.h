/* Shared inside simulate: the blurred atoms of a model, sizes, noise. */
#ifndef AET_SIMULATE_PRIV_H
#define AET_SIMULATE_PRIV_H

#include "aetlas/physics/paint.h"
#include "aetlas/simulate/project.h"
#include <stdbool.h>

/* A brush for each species of a model; by atomic number, NULL where it does not occur. */
typedef struct {
    aet_brush *by_z[256];
    double sigma_A[256];
    int heaviest; /* atomic number */
} aet_blurred;

/* Local.  Reads widths and weights, finds the species of the model, makes their brushes; balls:
 * Gaussians of height 1 in a volume instead of potentials. */
aet_err aet_blurred_create(const aet_atoms *atoms, const aet_simulate_params *p, bool balls,
                           aet_blurred *b);
void aet_blurred_free(aet_blurred *b);

/* Local.  Everything about a model and its parameters that can be wrong. */
aet_err aet_simulate_check(const aet_atoms *atoms, const aet_simulate_params *p);
/* Local.  Pixels for a model that reaches reach_A from
 * the pivot: the parameter, or the next good FFT size. */
aet_err aet_simulate_size(const aet_simulate_params *p, double reach_A, int *size);

/* Local.  Width and height of images in which the model lies at all these angles (square unless
 * size_y says otherwise), with a warning where the parameters leave part of it out.  INPUT. */
aet_err aet_simulate_frame_size(const aet_atoms *atoms, const double (*angles_deg)[3], int n,
                                const aet_simulate_params *p, int *nx, int *ny);

/* Local.  Part of the incident current that reaches the detector, per V Angstrom of image; top: the
 * brightest pixel. */
aet_err aet_simulate_fraction(const aet_simulate_params *p, int heaviest, double top, double *k);
/* Collective.  Replaces the images (the same on all ranks) by Poisson counts in the same units. */
aet_err aet_simulate_dose(MPI_Comm comm, aet_tilt *t, const aet_simulate_params *p, int heaviest);

#endif
