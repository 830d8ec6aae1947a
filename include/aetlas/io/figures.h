/* The standard figures: what aet_analyse finds, drawn as it is published.
 *
 * One table of panels (docs/figures.md) serves one particle, the stages of one (aet_track) and a
 * campaign.  Each particle is reduced to the numbers of all panels when it is added: then its atoms
 * are not needed any more, and thousands may follow.
 *
 *   one particle   the species, facets, ... of a panel share a figure; errors are standard errors of
 *                  means over atoms
 *   campaign       a series for each group and cycle count, a figure for each species, facet, ..., and of
 *                  profiles for each group with several cycle counts; errors are standard deviations
 *                  over particles, none for a group of one
 *   stages         likewise, with one group; what happens from one stage to the next has a figure per
 *                  step
 *
 * A group has the same colour everywhere, its cycle counts shades of it.  Panels whose measures a model
 * lacks are left out.
 */
#ifndef AET_IO_FIGURES_H
#define AET_IO_FIGURES_H

#include "aetlas/base/error.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/volume.h"
#include <mpi.h>

typedef enum {
    AET_FIGURES_PARTICLE,
    AET_FIGURES_CAMPAIGN, /* at: potential cycles */
    AET_FIGURES_STAGES,   /* at: number of the stage */
    AET_FIGURES_TIMES     /* stages; at: seconds */
} aet_figures_of;

typedef struct aet_figures aet_figures;

typedef struct {
    const char
        *section; /* overview, shape, chemistry, strain, order, activity, quality or changes */
    char title[120];
    char file[96]; /* without folder and ending: .csv .svg .png */
    bool drawn;    /* else there is the CSV alone */
} aet_figure_made;

/* Local. */
aet_figures *aet_figures_new(aet_figures_of of);
void aet_figures_free(aet_figures **f);
/* Local.  One particle or stage (in order); group may be "". */
void aet_figures_add(aet_figures *f, const aet_atoms *measures, const char *name, const char *group,
                     double at);
/* Collective; rank 0 has the numbers, f may be empty on the others.  Writes all figures into the folder
 * dir (made when it is not there), as SVG, PNG and CSV.  OUTPUT when files cannot be written. */
aet_err aet_figures_draw(MPI_Comm comm, aet_figures *f, const char *dir);
/* Local.  What was made; lives as long as f. */
const aet_figure_made *aet_figures_made(const aet_figures *f, int *n);

/* A picture of the atoms, coloured by a measure. */
typedef struct {
    const char *file; /* without ending: .png */
    const char *title;
} aet_figure_map;
/* Local.  The maps there are; *n is their number.  Map 0 shows the elements. */
const aet_figure_map *aet_figure_maps(int *n);
/* Local.  Those that the model has columns for, all or the few that tell most, into dir (made when it is
 * not there), size pixels high; seen along one direction of the lattice where there is one, so that
 * particles compare.  OUTPUT. */
aet_err aet_figure_maps_write(const aet_atoms *measures, bool all, int size, const char *dir);

/* Collective.  One curve as a picture (.png or .svg) with CSV beside: its columns against the first; those
 * without a value are left out.  OUTPUT. */
aet_err aet_figure_curve(MPI_Comm comm, const aet_curve *c, const char *title, const char *path);
/* Collective.  The curve "reconstruction" of a volume: errors of every iteration.  INPUT where it has
 * none. */
aet_err aet_figure_reconstruction(MPI_Comm comm, const aet_volume *v, const char *title,
                                  const char *path);
/* Collective.  Likewise the curve "fsc". */
aet_err aet_figure_fsc(MPI_Comm comm, const aet_volume *v, const char *title, const char *path);

#endif
