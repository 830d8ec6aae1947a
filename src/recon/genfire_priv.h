/* Inside recon/genfire*.c. */
#ifndef AET_RECON_GENFIRE_PRIV_H
#define AET_RECON_GENFIRE_PRIV_H

#include "recon/recon_priv.h"

typedef struct {
    MPI_Comm comm;
    const aet_recon_params *params;
    recon_keep *keep;
    bool fast;
    aet_boxconv *conv;
    const aet_boxconv_shape *shape;
    int64_t n; /* voxels of this rank, in order of the convolution's planes */
    recon_grid grid;
    bool sliced;          /* planes are y and rows z, each plane on its own; else planes are z */
    recon_slices *slices; /* the measured points, one way */
    recon_point *points;  /* or the other */
    int64_t n_points;
    recon_quadratic data, free; /* of enforced and of withheld points */
    bool watch;                 /* there are withheld points */
    recon_shells shells;        /* if there were at first */
    /* The object; the one before it, which a step overwrites with the next one; the best so far. */
    float *now, *before, *best, *own[4];
    const float *support;      /* the same shape, or NULL */
    double best_error, cutoff; /* points with 1 - |k|/k_max above cutoff are enforced */
    double made;               /* cutoff of the kernel at hand */
    double beta, t;            /* a step starts from now + beta (now - before); the momentum's t */
    double best_at, well_at;   /* least error, and the last not much above it */
    double
        settled_at; /* iteration that still foretold the withheld data well; -1 while that is sought */
    double last;    /* iterations in all */
    double making_s; /* kernels and right-hand sides */
    double sums[4];  /* of the step at hand */
} genfire_job;

/* Collective.  One iteration: errors into the report's curve, the best object kept. */
void genfire_step(genfire_job *j, int it, aet_recon_report *report);

#endif
