/* Dense linear algebra; the only door to OpenBLAS and LAPACKE.
 *
 * Matrices are row-major double arrays without padding: A[m][n] is a[i*n + j].  Everything is
 * Local; small problems run on the calling thread.  Failures of LAPACK come back as NUMERIC, with
 * the routine named.
 */
#ifndef AET_NUM_GEMM_H
#define AET_NUM_GEMM_H

#include "aetlas/base/error.h"
#include <stdbool.h>
#include <stdint.h>

/* Local.  C[m][n] = alpha op(A) op(B) + beta C, op(A) is [m][k] and op(B) [k][n]; with trans_a, A
 * is stored [k][m], with trans_b, B is stored [n][k]. */
void aet_gemm(bool trans_a, bool trans_b, int m, int n, int k, double alpha, const double *a,
              const double *b, double beta, double *c);

/* Local.  The same in single precision for parts of larger arrays: lines of A as stored, of B as
 * stored and of C are lda, ldb and ldc numbers apart. */
void aet_gemm_single(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a,
                     int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/* Local.  x[n][nrhs] of least norm that minimises ||A x - b|| for A[m][n], b[m][nrhs], any m, n and
 * rank, by singular values (dgelsd); those below rcond times the largest count as zero (rcond <= 0:
 * machine precision). rank may be NULL.  A and b are kept.  NUMERIC, NOMEM. */
aet_err aet_lstsq(int m, int n, int nrhs, const double *a, const double *b, double rcond, double *x,
                  int *rank);

/* Local.  The Moore-Penrose inverse p[n][m] of A[m][n]: aet_lstsq with b = 1. */
aet_err aet_pinv(int m, int n, const double *a, double rcond, double *p);

/* Local.  A[m][n] = U diag(s) V^T with s descending, k = min(m,n): u[m][k], s[k], vt[k][n].  u and
 * vt may both be NULL (values only). */
aet_err aet_svd(int m, int n, const double *a, double *u, double *s, double *vt);
/* Local.  The same for 3 x 3: A = U diag(s) V^T (note: v, not its transpose). */
aet_err aet_svd3(const double a[3][3], double u[3][3], double s[3], double v[3][3]);

/* Local.  Symmetric A[n][n] (lower triangle is read): values ascending, vectors[i] = row i is the
 * unit eigenvector of values[i].  vectors may be NULL. */
aet_err aet_eig_sym(int n, const double *a, double *values, double *vectors);
aet_err aet_eig_sym3(const double a[3][3], double values[3], double vectors[3][3]);

/* Local.  Solves A x = b for square A[n][n] with partial pivoting; NUMERIC when A is singular. */
aet_err aet_solve(int n, int nrhs, const double *a, const double *b, double *x);

#endif
