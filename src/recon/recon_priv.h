/* Inside recon: what reconstruct.c hands to the methods. */
#ifndef AET_RECON_PRIV_H
#define AET_RECON_PRIV_H

#include "aetlas/num/linop.h"
#include "aetlas/recon/reconstruct.h"

/* ---- report.c ---- */

/* Local.  R1 and R2 of each of n images of m pixels, given calc - meas and meas. */
void recon_r_factors(const float *residual, const float *measured, int n, int64_t m,
                     aet_recon_report *report);
void recon_report_start(aet_recon_report *report, int n, int iterations);

/* ---- resire.c ---- */

/* Collective over op->comm.  Projected gradient for || A x - b ||^2 from the x given, with b n
 * images of op->n_range / n values.  mask (or NULL): x stays 0 where it is 0. */
aet_err recon_resire(const aet_linop *op, const float *b, int n, const uint8_t *mask,
                     const aet_recon_params *p, float *x, aet_recon_report *report);

/* ---- gridding.c ---- */

/* A measured point of the Fourier grid that this rank holds. */
typedef struct {
    int64_t index;  /* in the local spectrum [ky local][kz][kx] */
    float re, im;   /* measured value, origin at the pivot */
    float distance; /* |k| / (M/2) */
    bool twice;     /* its Friedel mate is not stored (kx > 0) */
    bool withheld;
} recon_point;

typedef struct {
    int m;       /* cube of m^3 grid points */
    int ky0, ny; /* rows of ky on this rank */
    const aet_recon_params *params;
} recon_grid;

/* Local.  The measured points of this rank, in ascending index.  Free *points with aet_release. */
aet_err recon_points(const recon_grid *g, const aet_tilt *tilt, recon_point **points, int64_t *n);

/* ---- genfire.c ---- */

/* Collective.  support: NULL or a volume of the size of v. */
aet_err recon_genfire(const aet_tilt *tilt, const aet_volume *support, const aet_recon_params *p,
                      aet_volume *v, aet_recon_report *report);
/* Local.  Size of the grid for images and volume. */
int recon_grid_size(int nx, int ny, const int size[3], double oversampling);

#endif
