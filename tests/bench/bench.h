/* Macros for benchmarks.  Each prints `ratio NAME = X`: a named baseline's time over ours, both measured in
 * this run on the same ranks; the best of a few repeats, so that what else the machine does matters less. */
#ifndef AET_BENCH_H
#define AET_BENCH_H

#include "aetlas/base/error.h"
#include "aetlas/base/log.h"
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int b_rank, b_size;

#define B_START(argc, argv)                                                                        \
    do {                                                                                           \
        int provided_;                                                                             \
        MPI_Init_thread(&(argc), &(argv), MPI_THREAD_MULTIPLE, &provided_);                        \
        MPI_Comm_rank(MPI_COMM_WORLD, &b_rank);                                                    \
        MPI_Comm_size(MPI_COMM_WORLD, &b_size);                                                    \
        aet_log_init(b_rank, AET_LOG_WARN);                                                        \
    } while (0)
#define B_END()                                                                                    \
    do {                                                                                           \
        MPI_Finalize();                                                                            \
        return 0;                                                                                  \
    } while (0)

#define B_OK(call)                                                                                 \
    do {                                                                                           \
        aet_err err_ = (call);                                                                     \
        if (err_ != AET_OK) {                                                                      \
            fprintf(stderr, "%s: %s\n", #call, aet_error_text());                                  \
            MPI_Abort(MPI_COMM_WORLD, (int)err_);                                                  \
        }                                                                                          \
    } while (0)

/* Seconds of the slowest rank; the best of `repeats`. */
#define B_TIME(seconds, repeats, statement)                                                        \
    do {                                                                                           \
        (seconds) = 1e30;                                                                          \
        for (int repeat_ = 0; repeat_ < (repeats); repeat_++) {                                    \
            MPI_Barrier(MPI_COMM_WORLD);                                                           \
            double mine_ = MPI_Wtime(), slowest_;                                                  \
            statement;                                                                             \
            mine_ = MPI_Wtime() - mine_;                                                           \
            MPI_Allreduce(&mine_, &slowest_, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);              \
            if (slowest_ < (seconds))                                                              \
                (seconds) = slowest_;                                                              \
        }                                                                                          \
    } while (0)

#define B_RATIO(name, ours_s, baseline_s, what)                                                    \
    do {                                                                                           \
        if (b_rank == 0)                                                                           \
            printf("ratio %s = %.3g   (%s; baseline %.4g s, ours %.4g s)\n", name,                 \
                   (baseline_s) / (ours_s), what, baseline_s, ours_s);                             \
    } while (0)

#endif
