#include "aetlas/num/gemm.h"

#include "aetlas/base/mem.h"
#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
#include <string.h>

static aet_err lapack_check(lapack_int info, const char *routine, int m, int n)
{
    AET_CHECK(info != LAPACK_WORK_MEMORY_ERROR && info != LAPACK_TRANSPOSE_MEMORY_ERROR,
              AET_ERR_NOMEM, "%s: no work memory for a %d x %d matrix", routine, m, n);
    AET_CHECK(info == 0, AET_ERR_NUMERIC,
              "%s failed on a %d x %d matrix with info = %d: are all its numbers finite?", routine,
              m, n, (int)info);
    return AET_OK;
}

/* The ranks are the threads: left to itself, OpenBLAS starts one per core in each of them. */
static void single_thread(void)
{
    static bool done;
    if (!done)
        openblas_set_num_threads(1);
    done = true;
}

void aet_gemm(bool trans_a, bool trans_b, int m, int n, int k, double alpha, const double *a,
              const double *b, double beta, double *c)
{
    if (m == 0 || n == 0)
        return;
    single_thread();
    cblas_dgemm(CblasRowMajor, trans_a ? CblasTrans : CblasNoTrans,
                trans_b ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, trans_a ? m : k, b,
                trans_b ? k : n, beta, c, n);
}

void aet_gemm_single(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a,
                     int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc)
{
    if (m == 0 || n == 0)
        return;
    AET_ASSERT(lda <= INT_MAX && ldb <= INT_MAX && ldc <= INT_MAX);
    single_thread();
    cblas_sgemm(CblasRowMajor, trans_a ? CblasTrans : CblasNoTrans,
                trans_b ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, (int)lda, b, (int)ldb, beta,
                c, (int)ldc);
}

/* dgelsd wants b in an array of max(m,n) rows, and overwrites A. */
aet_err aet_lstsq(int m, int n, int nrhs, const double *a, const double *b, double rcond, double *x,
                  int *rank)
{
    aet_err err = AET_OK;
    int rows = m > n ? m : n;
    lapack_int found = 0;
    double *work_a = NULL, *work_b = NULL, *s = NULL;

    AET_GO(AET_ARRAY((int64_t)m * n, "least squares matrix", &work_a));
    AET_GO(AET_ARRAY((int64_t)rows * nrhs, "least squares right-hand sides", &work_b));
    AET_GO(AET_ARRAY(rows, "singular values", &s));
    memcpy(work_a, a, sizeof *a * (size_t)m * (size_t)n);
    memcpy(work_b, b, sizeof *b * (size_t)m * (size_t)nrhs);
    AET_GO(lapack_check(LAPACKE_dgelsd(LAPACK_ROW_MAJOR, m, n, nrhs, work_a, n, work_b, nrhs, s,
                                       rcond > 0 ? rcond : -1.0, &found),
                        "dgelsd", m, n));
    memcpy(x, work_b, sizeof *x * (size_t)n * (size_t)nrhs);
    if (rank)
        *rank = (int)found;
done:
    aet_release(&work_a);
    aet_release(&work_b);
    aet_release(&s);
    return err;
}

aet_err aet_pinv(int m, int n, const double *a, double rcond, double *p)
{
    double *unit = NULL;
    AET_TRY(AET_ARRAY((int64_t)m * m, "unit matrix", &unit));
    for (int i = 0; i < m; i++)
        unit[(int64_t)i * m + i] = 1.0;
    aet_err err = aet_lstsq(m, n, m, a, unit, rcond, p, NULL);
    aet_release(&unit);
    return err;
}

aet_err aet_svd(int m, int n, const double *a, double *u, double *s, double *vt)
{
    aet_err err = AET_OK;
    int k = m < n ? m : n;
    double *work = NULL, *super = NULL;

    AET_GO(AET_ARRAY((int64_t)m * n, "matrix for singular values", &work));
    AET_GO(AET_ARRAY(k, "superdiagonal", &super));
    memcpy(work, a, sizeof *a * (size_t)m * (size_t)n);
    char job = u && vt ? 'S' : 'N';
    AET_GO(lapack_check(
        LAPACKE_dgesvd(LAPACK_ROW_MAJOR, job, job, m, n, work, n, s, u, k, vt, n, super), "dgesvd",
        m, n));
done:
    aet_release(&work);
    aet_release(&super);
    return err;
}

aet_err aet_svd3(const double a[3][3], double u[3][3], double s[3], double v[3][3])
{
    double vt[3][3];
    AET_TRY(aet_svd(3, 3, &a[0][0], &u[0][0], s, &vt[0][0]));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            v[i][j] = vt[j][i];
    return AET_OK;
}

aet_err aet_eig_sym(int n, const double *a, double *values, double *vectors)
{
    aet_err err = AET_OK;
    double *work = NULL;

    AET_GO(AET_ARRAY((int64_t)n * n, "matrix for eigenvalues", &work));
    /* Column-major with the upper triangle is row-major with the lower
     * one; the eigenvectors then come out as columns of the
     * column-major result, which are our rows: no transposition at all. */
    memcpy(work, a, sizeof *a * (size_t)n * (size_t)n);
    AET_GO(
        lapack_check(LAPACKE_dsyev(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'U', n, work, n, values),
                     "dsyev", n, n));
    if (vectors)
        memcpy(vectors, work, sizeof *a * (size_t)n * (size_t)n);
done:
    aet_release(&work);
    return err;
}

aet_err aet_eig_sym3(const double a[3][3], double values[3], double vectors[3][3])
{
    return aet_eig_sym(3, &a[0][0], values, vectors ? &vectors[0][0] : NULL);
}

aet_err aet_solve(int n, int nrhs, const double *a, const double *b, double *x)
{
    aet_err err = AET_OK;
    double *work = NULL;
    lapack_int *pivot = NULL;

    AET_GO(AET_ARRAY((int64_t)n * n, "matrix to solve", &work));
    AET_GO(AET_ARRAY(n, "pivots", &pivot));
    memcpy(work, a, sizeof *a * (size_t)n * (size_t)n);
    memcpy(x, b, sizeof *b * (size_t)n * (size_t)nrhs);
    AET_GO(lapack_check(LAPACKE_dgesv(LAPACK_ROW_MAJOR, n, nrhs, work, n, pivot, x, nrhs), "dgesv",
                        n, n));
done:
    aet_release(&work);
    aet_release(&pivot);
    return err;
}
