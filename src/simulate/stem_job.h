/* Shared inside simulate/stem*.c: one call of aet_simulate_stem, and what its items work with. */
#ifndef AET_STEM_JOB_H
#define AET_STEM_JOB_H

#include "aetlas/base/file.h"
#include "stem_priv.h"

/* Probes that are carried together: they share the position of the cell. */
typedef struct {
    double left_A[2]; /* where its pixel (0, 0) lies */
    int first, count; /* of the list of probes */
} aet_stem_unit;

/* The probes of one tilt that see the specimen. */
typedef struct {
    int n, units;
    int *probe; /* [n]: iy * nx + ix of the scan */
    aet_stem_unit *unit;
} aet_stem_scan;

typedef struct {
    const aet_atoms *atoms;
    const aet_stem_params *p;
    const double (*angles_deg)[3];
    int tilts, configurations;
    const struct aet_stem_kept *kept; /* NULL: nothing is kept in files */
    int items;                        /* that are to be done, at least 1 */
    int species[8], n_species;
    double rms_A[256];
    int nx, ny;            /* scan: pixels times oversampling */
    int tile_x, tile_y;    /* probes of a unit; 0: units are batches */
    double step_A;         /* of the scan */
    double lx, ly;         /* the cell, A */
    double (*middle_A)[2]; /* [tilts]: its centre */
    int batch;             /* waves at a time */
    double bytes;          /* per rank */
    aet_stem_grid grid;    /* of the cell or the window */
    aet_stem_slicer *slicer;
    aet_stem_aperture aperture;
    float *weight;                /* of the detector */
    float complex *waves;         /* [batch] */
    struct aet_stem_prism *prism; /* NULL for multislice */
    double empty;                 /* what a probe in empty space brings to the detector */
    int64_t *sum; /* [tilts][ny][nx]: over configurations, in units of 1 / AET_STEM_ONE */
} aet_stem_job;

/* Sums in whole numbers do not depend on their order: the same images whoever did what. */
#define AET_STEM_ONE 1099511627776.0 /* 2^40 */
/* Local.  Adds what one probe brought to the detector; NUMERIC if that is no number. */
aet_err aet_stem_add(int64_t *sum, double fraction);

static inline double aet_stem_scan_x(const aet_stem_job *j, int ix)
{
    int over = j->p->oversampling;
    return (ix - j->nx / over / 2 * over) * j->step_A;
}
static inline double aet_stem_scan_y(const aet_stem_job *j, int iy)
{
    int over = j->p->oversampling;
    return (iy - j->ny / over / 2 * over) * j->step_A;
}

/* ---- stem_plan.c: sizes ---- */

/* Local.  Checks model and parameters; finds species, scan, cell and batch; says what it will take.
 * ranks: of the whole job. */
aet_err aet_stem_plan(aet_stem_job *j, const aet_optics *o, int ranks);

/* Local.  Seconds that one item will take on one core of 2023, good to a factor of two; after the plan. */
double aet_stem_seconds(const aet_stem_job *j);

/* ---- stem_scan.c ---- */

/* Local.  Probes within margin_A of an atom at rest, in units. */
aet_err aet_stem_scan_create(const aet_stem_job *j, int tilt, aet_stem_scan *s);
void aet_stem_scan_free(aet_stem_scan *s);

/* ---- one item: a tilt in one configuration ---- */

/* Collective over group; adds to j->sum of the calling rank what it has done itself. */
aet_err aet_stem_multislice(MPI_Comm group, aet_stem_job *j, int tilt,
                            const aet_stem_specimen *specimen);

aet_err aet_stem_prism(MPI_Comm group, aet_stem_job *j, int tilt,
                       const aet_stem_specimen *specimen);

/* ---- stem_prism.c: the same three steps for PRISM, after the cell has been found ---- */

/* Local.  USAGE when it does not fit into memory_GB. */
aet_err aet_stem_prism_plan(aet_stem_job *j, const aet_optics *o, int ranks);
aet_err aet_stem_prism_equip(aet_stem_job *j);
void aet_stem_prism_free(aet_stem_job *j);

/* ---- stem_kept.c: finished items in files ---- */

typedef struct aet_stem_kept {
    char folder[AET_PATH_MAX];
    uint64_t fingerprint; /* of what decides the sums */
    int n, *todo;         /* [n]: items that have no file yet */
} aet_stem_kept;

/* Collective.  Makes the folder and looks what is there.  OUTPUT, NOMEM. */
aet_err aet_stem_kept_open(MPI_Comm comm, const aet_stem_job *j, const char *folder,
                           aet_stem_kept *k);
void aet_stem_kept_close(aet_stem_kept *k);
/* Collective over group.  What its ranks have added to the sums of an item's tilt goes into the
 * item's file; the sums are 0 again. */
aet_err aet_stem_kept_put(MPI_Comm group, aet_stem_job *j, int item);
/* Local.  After a failure: forgets what was added so far. */
void aet_stem_kept_drop(aet_stem_job *j, int item);
/* Collective.  All items back into the sums, each on one rank.  INPUT for a damaged file. */
aet_err aet_stem_kept_get(MPI_Comm comm, aet_stem_job *j);

/* ---- stem_image.c: from sums to images ---- */

/* Collective.  Means over configurations, blur of the source, pixels, noise. */
aet_err aet_stem_images(MPI_Comm comm, const aet_stem_job *j, aet_tilt *t);

#endif
