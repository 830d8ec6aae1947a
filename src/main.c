/* Starts MPI, runs the command, reports an error once, ends the process.  The only file that does.
 */
#include "aetlas/base/log.h"
#include "aetlas/par/stop.h"
#include "cmd/command.h"
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

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

int main(int argc, char **argv)
{
    int provided, rank;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE,
                    &provided); /* the farm's master is a thread */
    atexit(exit_guard);
    aet_bug_handler(abort_all);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    aet_log_init(rank, AET_LOG_INFO);
    aet_err err = close_stdout(aet_command_main(MPI_COMM_WORLD, argc, argv));
    if (err != AET_OK && rank == 0 && aet_error_text()[0])
        fprintf(stderr, "aetlas: %s\n", aet_error_text());
    aet_debug("raised at %s", err ? aet_error_where() : "-");
    MPI_Finalize();
    return (int)err;
}
