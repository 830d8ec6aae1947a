#include "aetlas/par/timing.h"

#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include <string.h>
#include <time.h>

enum { MAX_PHASES = 64, NAME = 32 };

static struct {
    const char *name;
    double total_s, begun_s;
} phases[MAX_PHASES];
static int n_phases;

double aet_clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int slot(const char *name)
{
    for (int i = 0; i < n_phases; i++)
        if (strcmp(phases[i].name, name) == 0)
            return i;
    if (n_phases == MAX_PHASES)
        return -1;
    phases[n_phases].name = name;
    phases[n_phases].total_s = 0.0;
    return n_phases++;
}

void aet_phase_begin(const char *name)
{
    int i = slot(name);
    if (i >= 0)
        phases[i].begun_s = aet_clock_s();
}

void aet_phase_end(const char *name)
{
    int i = slot(name);
    if (i >= 0 && phases[i].begun_s > 0.0)
        phases[i].total_s += aet_clock_s() - phases[i].begun_s;
}

/* Ranks may have entered different phases: the first
 * rank with an unreported one names the next line. */
static bool next_name(MPI_Comm comm, const bool *reported, char name[NAME])
{
    int rank, size, first;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int i = 0;
    while (i < n_phases && reported[i])
        i++;
    int candidate = i < n_phases ? rank : size;
    MPI_Allreduce(&candidate, &first, 1, MPI_INT, MPI_MIN, comm);
    if (first == size)
        return false;
    if (rank == first)
        aet_fmt(name, NAME, "%s", phases[i].name);
    MPI_Bcast(name, NAME, MPI_CHAR, first, comm);
    return true;
}

void aet_phase_report(MPI_Comm comm)
{
    bool reported[MAX_PHASES] = {false};
    char name[NAME];
    int size;
    MPI_Comm_size(comm, &size);
    for (int line = 0; next_name(comm, reported, name); line++) {
        double mine = 0.0, low, high, sum;
        for (int i = 0; i < n_phases; i++)
            if (!reported[i] && strncmp(phases[i].name, name, NAME - 1) == 0) {
                mine += phases[i].total_s;
                reported[i] = true;
            }
        MPI_Allreduce(&mine, &low, 1, MPI_DOUBLE, MPI_MIN, comm);
        MPI_Allreduce(&mine, &high, 1, MPI_DOUBLE, MPI_MAX, comm);
        MPI_Allreduce(&mine, &sum, 1, MPI_DOUBLE, MPI_SUM, comm);
        if (line == 0)
            aet_info("%-31s %9s %9s %9s", "phase, seconds over ranks", "min", "mean", "max");
        aet_info("%-31s %9.2f %9.2f %9.2f", name, low, sum / size, high);
    }
    n_phases = 0;
}
