/* Elastic relaxation of a model whose bonds want to be longer or shorter than they are. */
#ifndef AET_SIMULATE_RELAX_H
#define AET_SIMULATE_RELAX_H

#include "crystal.h"

/* Local.  Lattice constants by atomic number from "Ni:3.524,Pt:3.912", 0 elsewhere; USAGE, also when
 * one of the species is missing. */
aet_err aet_vegard_read(const aet_particle_params *p, int n, const int *z, double constant_A[256]);
/* Local.  Moves the sites of a crystal, r_A [n] on entry where a uniform crystal of lattice constant
 * mean_A has them, until the bonds are at rest.  A bond's length is that of the mean of its atoms'
 * lattice constants (constant_A of the species; NULL: all mean_A); bonds from the outermost layer
 * inwards are shortened so that its distance changes by surface_percent.  NOMEM. */
aet_err aet_relax(const aet_sites *s, const uint8_t *species, const double *constant_A,
                  double mean_A, double surface_percent, double (*r_A)[3]);

#endif
