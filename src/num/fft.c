/* Starting FFTW, its wisdom, and sizes it is good at. */
#include "aetlas/num/fft.h"

#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "num/fft_priv.h"
#include <fftw3-mpi.h>
#include <stdlib.h>

/* Transforms shorter than this many points are planned by FFTW's estimate: measuring them costs
 * more than it wins, and small jobs then do not depend on timings at all. */
#define MEASURE_FROM (64.0 * 64.0 * 64.0)

static bool repeatable;

unsigned fft_rigor(double points)
{
    return repeatable || points < MEASURE_FROM ? FFTW_ESTIMATE : FFTW_MEASURE;
}

/* ---- wisdom: a file per precision and number of ranks, on which FFTW-MPI plans depend ---- */

static char wisdom_base[AET_PATH_MAX];
static bool started;

void fft_init_once(void)
{
    if (!started) {
        fftw_mpi_init();
        fftwf_mpi_init();
        started = true;
    }
}

static bool wisdom_name(char *name, size_t size, int ranks, bool single)
{
    return aet_fmt(name, size, "%s.%s.%d", wisdom_base, single ? "f32" : "f64", ranks);
}

static void wisdom_load(int ranks, bool single)
{
    char name[AET_PATH_MAX];
    char *text = NULL;
    int64_t length = 0;

    if (!wisdom_name(name, sizeof name, ranks, single) || !aet_file_exists(name))
        return;
    if (aet_file_read_text(name, 1 << 26, &text, &length) != AET_OK) {
        aet_error_clear();
        return;
    }
    int ok = single ? fftwf_import_wisdom_from_string(text) : fftw_import_wisdom_from_string(text);
    if (!ok)
        aet_warn("FFT wisdom in %s is not for this FFTW; it will be measured anew", name);
    aet_release(&text);
}

static void wisdom_save(int ranks, bool single)
{
    char name[AET_PATH_MAX];
    FILE *f = NULL;
    char *text = single ? fftwf_export_wisdom_to_string() : fftw_export_wisdom_to_string();

    if (!text)
        return;
    bool ok = wisdom_name(name, sizeof name, ranks, single) && aet_writer_open(name, &f) == AET_OK;
    if (ok) {
        fputs(text, f);
        ok = aet_writer_close(name, &f) == AET_OK;
    }
    if (!ok) {
        aet_warn("FFT wisdom not kept: %s", aet_error_text());
        aet_error_clear();
    }
    free(text);
}

void aet_fft_repeatable(void)
{
    repeatable = true;
    wisdom_base[0] = 0;
    fftwf_forget_wisdom();
    fftw_forget_wisdom();
}

void aet_fft_start(MPI_Comm comm, const char *wisdom_path)
{
    int rank, size;

    fft_init_once();
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    wisdom_base[0] = 0;
    if (!wisdom_path)
        return;
    aet_fmt(wisdom_base, sizeof wisdom_base, "%s", wisdom_path);
    if (rank == 0) {
        wisdom_load(size, true);
        wisdom_load(size, false);
    }
    fftwf_mpi_broadcast_wisdom(comm);
    fftw_mpi_broadcast_wisdom(comm);
}

void aet_fft_finish(MPI_Comm comm)
{
    int rank, size;

    if (!started)
        return;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    if (wisdom_base[0]) {
        fftwf_mpi_gather_wisdom(comm);
        fftw_mpi_gather_wisdom(comm);
        if (rank == 0) {
            wisdom_save(size, true);
            wisdom_save(size, false);
        }
    }
    fftwf_mpi_cleanup();
    fftw_mpi_cleanup();
    started = false;
}

int aet_fft_good_size(int n)
{
    static const int primes[] = {2, 3, 5, 7};

    for (int m = n < 1 ? 1 : n;; m++) {
        int rest = m;
        for (int i = 0; i < 4; i++)
            while (rest % primes[i] == 0)
                rest /= primes[i];
        if (rest == 1)
            return m;
    }
}
