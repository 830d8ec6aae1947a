/* Inside recon: what reconstruct.c hands to the methods. */
#ifndef AET_RECON_PRIV_H
#define AET_RECON_PRIV_H

#include "aetlas/num/fft.h"
#include "aetlas/num/linop.h"
#include "aetlas/physics/gram.h"
#include "aetlas/recon/reconstruct.h"
#include "recon/checkpoint.h"
#include "recon/fourier_priv.h"
#include <complex.h>

/* ---- report.c ---- */

/* Local.  R1 and R2 of each of n images of m pixels, given calc - meas and meas. */
void recon_r_factors(const float *residual, const float *measured, int n, int64_t m,
                     aet_recon_report *report);
void recon_report_start(aet_recon_report *report, int n, int iterations);
/* The curve "reconstruction": the errors of every iteration. */
void recon_report_curve(const aet_recon_report *report, aet_volume *v);
/* The curve "r_free", where there is one. */
void recon_report_shells(const aet_recon_report *report, aet_volume *v);

/* ---- resire.c ---- */

/* Collective over op->comm.  Projected gradient for || A x - b ||^2 from x = 0, with b n images of
 * op->n_range / n values.  apart[n] (or NULL): images withheld; NULL: pixels are, of the share that p says.
 * mask (or NULL): x stays 0 where it is 0.  gram (or NULL): A^T A, in place of op while iterating; nothing
 * can be withheld then. */
aet_err recon_resire(const aet_linop *op, aet_gram *gram, const float *b, int n, const bool *apart,
                     const uint8_t *mask, const aet_recon_params *p, recon_keep *keep, float *x,
                     aet_recon_report *report);

/* ---- constraints.c ---- */

/* Local.  The share of the data that is kept apart. */
double recon_withheld(const aet_recon_params *p);
/* Local.  Iterations that may come to be done: there are two passes where the accelerated methods withhold
 * what is too good to be left out of the result. */
int recon_iterations_most(const aet_recon_params *p);
/* R_free that is not much above the least.  R_free is flat about its least value, and the sharpness of the
 * atoms comes last: in simulated series of the papers' dose most atoms were found where R_free had risen by
 * 3 to 6 %.  The correlation with the truth, which noise lowers, would have it end sooner: of 1481 atoms
 * in 128^3 voxels genfire-fast has 0.75 where R_free is least (iteration 10, correlation 0.86), 0.86 where
 * this ends it (25, 0.78), 0.87 in iteration 40 (0.75); 1000 plain ones 0.87 (0.71), 1.5 pm worse. */
#define RECON_WELL 1.05
/* Local.  As in reconstruct.limit. */
const char *recon_limit_name(aet_recon_limit limit);
/* Local.  Points with 1 - |k|/k_max above it are enforced in iteration `it`. */
double recon_cutoff(aet_recon_enforce mode, int it, int iterations);

/* ---- genfire.c ---- */

/* Collective.  Plain or accelerated; support: NULL or a volume of the size of v. */
aet_err recon_genfire(const aet_tilt *tilt, const aet_volume *support, const aet_recon_params *p,
                      recon_keep *keep, aet_volume *v, aet_recon_report *report);
/* Collective.  The same; slices: where the points allow it. */
aet_err recon_genfire_as(const aet_tilt *tilt, const aet_volume *support, const aet_recon_params *p,
                         bool slices, recon_keep *keep, aet_volume *v, aet_recon_report *report);

/* ---- genfire_plan.c ---- */

/* Local.  Memory of the fullest rank, beside the program and its input, and wall time on one core of
 * 2023 per rank, for a volume of w voxels. */
double recon_genfire_bytes(int n, int ny, int nx, const int w[3], const aet_recon_params *p,
                           bool slices, int ranks);
double recon_genfire_seconds(int n, int ny, int nx, const int w[3], const aet_recon_params *p,
                             bool slices, int ranks);

#endif
