/* The standard figures of measures: what aet_analyse leaves as curves, drawn. */
#ifndef AET_IO_FIGURES_H
#define AET_IO_FIGURES_H

#include "aetlas/base/error.h"
#include "aetlas/data/atoms.h"
#include <mpi.h>

/* Collective.  Writes into the folder dir (made when it is not there), as PNG with CSV beside:
 *   pair_distribution   g(r) and, for alloys, its parts
 *   composition_depth   fraction of the lighter species (of all, for three and more) against depth
 *   csro_depth          mean short-range order of each species against depth (alloys)
 *   coordination        atoms by number of neighbours
 * Curves that the measures lack are left out.  OUTPUT when files cannot be written. */
aet_err aet_figures_write(MPI_Comm comm, const aet_atoms *measures, const char *title,
                          const char *dir);

#endif
