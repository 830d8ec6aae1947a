/* Macros for unit tests over MPI.  A check that fails is reported with its rank and the test goes
 * on: a test that left early on one rank would hang the others.  T_END makes the result the same on
 * all ranks. */
#ifndef AET_TEST_H
#define AET_TEST_H

#include "aetlas/base/error.h"
#include "aetlas/base/log.h"
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* True on the sanitizer build, many times slower: for what would run the same code again. */
#ifdef __SANITIZE_ADDRESS__
#define T_SANITIZED true
#else
#define T_SANITIZED false
#endif

static int t_failed, t_checks, t_rank, t_size;

#define T_START(argc, argv)                                                                        \
    do {                                                                                           \
        int provided_;                                                                             \
        MPI_Init_thread(&(argc), &(argv), MPI_THREAD_MULTIPLE, &provided_);                        \
        MPI_Comm_rank(MPI_COMM_WORLD, &t_rank);                                                    \
        MPI_Comm_size(MPI_COMM_WORLD, &t_size);                                                    \
        aet_log_init(t_rank, AET_LOG_WARN);                                                        \
    } while (0)

#define T_END() return t_end()
static inline int t_end(void)
{
    int failed, checks;
    MPI_Allreduce(&t_failed, &failed, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Allreduce(&t_checks, &checks, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (t_rank == 0)
        printf("%d checks on %d ranks, %d failed\n", checks, t_size, failed);
    if (checks == 0)
        failed = 1;
    MPI_Finalize();
    return failed != 0;
}

#define T_REPORT(...)                                                                              \
    do {                                                                                           \
        t_failed++;                                                                                \
        printf("[%d] %s:%d: ", t_rank, __FILE__, __LINE__);                                        \
        printf(__VA_ARGS__);                                                                       \
        printf("\n");                                                                              \
        fflush(stdout);                                                                            \
    } while (0)

#define T_CHECK(cond)                                                                              \
    do {                                                                                           \
        t_checks++;                                                                                \
        if (!(cond))                                                                               \
            T_REPORT("not true: %s", #cond);                                                       \
    } while (0)

/* |got - want| <= tol; the tolerance should be a named constant with its reason. */
#define T_NEAR(got, want, tol)                                                                     \
    do {                                                                                           \
        double got_ = (got), want_ = (want), tol_ = (tol);                                         \
        t_checks++;                                                                                \
        if (!(fabs(got_ - want_) <= tol_))                                                         \
            T_REPORT("%s = %.12g, expected %s = %.12g, error %.3g > %s = %.3g", #got, got_, #want, \
                     want_, fabs(got_ - want_), #tol, tol_);                                       \
    } while (0)

#define T_OK(call)                                                                                 \
    do {                                                                                           \
        aet_err err_ = (call);                                                                     \
        t_checks++;                                                                                \
        if (err_ != AET_OK)                                                                        \
            T_REPORT("%s: %s: %s", #call, aet_err_name(err_), aet_error_text());                   \
    } while (0)

/* The call must fail with this code and a text that holds `part`. */
#define T_FAILS(call, code, part)                                                                  \
    do {                                                                                           \
        aet_err err_ = (call);                                                                     \
        t_checks++;                                                                                \
        if (err_ != (code))                                                                        \
            T_REPORT("%s: got %s, expected %s", #call, aet_err_name(err_), aet_err_name(code));    \
        else if (!strstr(aet_error_text(), (part)))                                                \
            T_REPORT("%s: message '%s' lacks '%s'", #call, aet_error_text(), (part));              \
    } while (0)

#endif
