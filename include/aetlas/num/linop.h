/* Linear operators: the only thing the iterations know.
 *
 * An operator maps a domain vector x (an unknown, spread over the ranks: each holds its own part)
 * to a range vector y (the data, whole and equal on every rank), both of floats.  Reconstruction
 * methods take an aet_linop and nothing else, so that a faster operator is a drop-in replacement.
 */
#ifndef AET_NUM_LINOP_H
#define AET_NUM_LINOP_H

#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdint.h>

typedef struct aet_linop aet_linop;
struct aet_linop {
    const char *name;
    MPI_Comm comm;    /* borrowed */
    int64_t n_domain; /* length of this rank's part of x */
    int64_t n_range;  /* length of y, the same on all ranks */
    void *ctx;        /* of the implementation, owned */
    void (*forward)(const aet_linop *op, const float *x, float *y);
    void (*adjoint)(const aet_linop *op, const float *y, float *x);
    void (*free_ctx)(void *ctx);
};

/* Collective.  y = A x; every rank gets all of y. */
void aet_linop_forward(const aet_linop *op, const float *x, float *y);
/* Collective.  x = A^T y. */
void aet_linop_adjoint(const aet_linop *op, const float *y, float *x);
/* Local.  Releases the operator and its ctx. */
void aet_linop_free(aet_linop **op);

/* Collective.  Scalar products in double: of domain
 * vectors (summed over ranks), of range vectors. */
double aet_linop_dot_domain(const aet_linop *op, const float *a, const float *b);
double aet_linop_dot_range(const aet_linop *op, const float *a, const float *b);

/* Collective.  |<A x, y> - <x, A^T y>| / |<A x, y>| for x and y uniform in (0,1): rounding error of
 * floats when the pair is exactly adjoint.  NOMEM. */
aet_err aet_linop_adjoint_error(const aet_linop *op, uint64_t seed, double *relative);

/* Collective.  An upper bound of the largest eigenvalue of A^T A for an operator without negative
 * entries: max_i (A^T A x)_i / x_i bounds it for every x > 0 (Collatz, Math. Z. 48, 221 (1942);
 * Wielandt, Math. Z. 52, 642 (1950)), and sharpens as x follows the power method.  With entries that are
 * negative here and there (interpolation by sincs) it is no proof any more, but it is never below
 * the Rayleigh quotient of x, which starts near the leading vector.  Each step costs
 * one forward and one adjoint.  Unknowns where mask is 0 do not count; mask may be NULL. */
aet_err aet_linop_norm2_bound(const aet_linop *op, const uint8_t *mask, int steps, double *bound);

#endif
