/* The standard figures of measures: what aet_analyse leaves as curves, drawn. */
#ifndef AET_IO_FIGURES_H
#define AET_IO_FIGURES_H

#include "aetlas/base/error.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/volume.h"
#include <mpi.h>

/* Collective.  Writes into the folder dir (made when it is not there), as PNG with CSV beside:
 *   pair_distribution   g(r) and, for alloys, its parts
 *   composition_depth   fraction of the lighter species (of all, for three and more) against depth
 *   csro_depth          mean short-range order of each species against depth (alloys)
 *   coordination        atoms by number of neighbours
 * Curves that the measures lack are left out.  OUTPUT when files cannot be written. */
aet_err aet_figures_write(MPI_Comm comm, const aet_atoms *measures, const char *title,
                          const char *dir);

/* Collective.  One curve as a picture (.png or .svg) with CSV beside: the columns named (ended by NULL;
 * NULL itself: all) against the first; those without a value are left out.  OUTPUT. */
aet_err aet_figure_curve(MPI_Comm comm, const aet_curve *c, const char *const *columns,
                         const char *title, const char *y_label, const char *path);
/* Collective.  The curve "reconstruction" of a volume: errors of every iteration.  INPUT where it has
 * none. */
aet_err aet_figure_reconstruction(MPI_Comm comm, const aet_volume *v, const char *title,
                                  const char *path);
/* Collective.  Likewise the curve "fsc". */
aet_err aet_figure_fsc(MPI_Comm comm, const aet_volume *v, const char *title, const char *path);

#endif
