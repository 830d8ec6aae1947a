/* Starts MPI, runs the command, reports an error once, ends the process.  The only file that does. */
#include "aetlas/base/log.h"
#include "aetlas/num/fft.h"
#include "cmd/command.h"
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void abort_all(int status)
{
    int running = 0, over = 0;
    MPI_Initialized(&running);
    MPI_Finalized(&over);
    if (running && !over)
        MPI_Abort(MPI_COMM_WORLD, status);
}

/* A library that calls exit() on one rank would leave the others waiting for ever. */
static void exit_guard(void)
{
    abort_all(AET_ERR_BUG);
}

/* Results that did not reach their reader are a failure, not a success. */
static aet_err close_stdout(aet_err err)
{
    if (err == AET_OK && (fflush(stdout) != 0 || ferror(stdout)))
        err = aet_error_set(AET_ERR_OUTPUT, __FILE__, __LINE__,
                            "standard output could not be written");
    return err;
}

/* All ranks should come here with the same code.  One that brings an error alone would wait for
 * ever for ranks that are inside a collective: it ends them all after a while. */
static int agreed_status(aet_err err)
{
    const struct timespec nap = {0, 1000000};
    const int patience = 20000; /* naps: 20 s */
    int mine = (int)err, worst = mine, done = 0;
    MPI_Request request;
    MPI_Iallreduce(&mine, &worst, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD, &request);
    for (int naps = 0; !done; naps++) {
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        if (!done)
            nanosleep(&nap, NULL);
        if (!done && err != AET_OK && naps == patience) {
            fprintf(stderr, "aetlas: %s (on one rank only; ending all)\n", aet_error_text());
            MPI_Abort(MPI_COMM_WORLD, mine);
        }
    }
    return worst;
}

static void report(aet_err err)
{
    if (err != AET_OK && aet_error_text()[0])
        fprintf(stderr, "aetlas: %s\n", aet_error_text());
}

/* Help and wrong words are answered without MPI: at once, and on login nodes where MPI cannot
 * start.  A process with ranks beside it does start MPI, so that one of them answers; beside ranks
 * of a launcher that is not known here, each would. */
static bool started_alone(void)
{
    static const char *const signs[] = {
        "PMIX_RANK",           "PMI_RANK",     "OMPI_COMM_WORLD_RANK",
        "MV2_COMM_WORLD_RANK", "SLURM_PROCID", "PALS_RANKID"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (getenv(signs[i]))
            return false;
    return true;
}

static int without_mpi(aet_args *args, aet_err err)
{
    if (err == AET_OK)
        err = close_stdout(aet_command_run(MPI_COMM_NULL, args));
    report(err);
    return (int)err;
}

static int with_mpi(int argc, char **argv, aet_args *args, aet_err err)
{
    int provided, rank;
    /* Without mpirun Open MPI 4 starts a daemon beside the program, for the case that it starts
     * others.  This one never does. */
    setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE,
                    &provided); /* the farm's master is a thread */
    atexit(exit_guard);
    aet_bug_handler(abort_all);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    aet_log_init(rank, AET_LOG_INFO);
    aet_fft_start(MPI_COMM_WORLD, getenv("AETLAS_WISDOM"));
    if (err == AET_OK)
        err = close_stdout(aet_command_run(MPI_COMM_WORLD, args));
    if (rank == 0)
        report(err);
    aet_debug("raised at %s", err ? aet_error_where() : "-");
    int status = agreed_status(err);
    aet_fft_finish(MPI_COMM_WORLD);
    MPI_Finalize();
    return status;
}

int main(int argc, char **argv)
{
    aet_args args;
    aet_err err = aet_command_parse(argc, argv, &args);
    bool no_mpi = (err != AET_OK || args.local) && started_alone();
    int status = no_mpi ? without_mpi(&args, err) : with_mpi(argc, argv, &args, err);
    aet_command_free(&args);
    return status;
}
