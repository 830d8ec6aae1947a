#include "aetlas/num/fft.h"

#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include <fftw3-mpi.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Transforms shorter than this many points are planned by FFTW's estimate: measuring them costs
 * more than it wins, and small jobs then do not depend on timings at all. */
#define MEASURE_FROM (64.0 * 64.0 * 64.0)

/* ---- wisdom: a file per precision and number of ranks, on which FFTW-MPI plans depend ---- */

static char wisdom_base[AET_PATH_MAX];
static bool started;

static void init_once(void)
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

void aet_fft_start(MPI_Comm comm, const char *wisdom_path)
{
    int rank, size;

    init_once();
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

/* ---- distributed 3-D ---- */

struct aet_fft3 {
    aet_fft3_shape shape;
    bool single;
    void *buffer;
    fftwf_plan forward_f, backward_f;
    fftw_plan forward_d, backward_d;
};

static unsigned plan_rigor(double points)
{
    return points < MEASURE_FROM ? FFTW_ESTIMATE : FFTW_MEASURE;
}

/* Fills the slabs as FFTW-MPI wants them and checks that they are ours. */
static void shape_fill(aet_fft3_shape *s, MPI_Comm comm, bool single)
{
    ptrdiff_t n0, start0, n1, start1;
    ptrdiff_t half = s->nx / 2 + 1;
    ptrdiff_t alloc = single ? fftwf_mpi_local_size_3d_transposed(s->nz, s->ny, half, comm, &n0,
                                                                  &start0, &n1, &start1)
                             : fftw_mpi_local_size_3d_transposed(s->nz, s->ny, half, comm, &n0,
                                                                 &start0, &n1, &start1);

    s->row = (int)(2 * half);
    s->z = aet_slab_mine(s->nz, comm);
    s->y = aet_slab_mine(s->ny, comm);
    AET_ASSERT(n0 == s->z.count && (n0 == 0 || start0 == s->z.start));
    AET_ASSERT(n1 == s->y.count && (n1 == 0 || start1 == s->y.start));
    s->reals = 2 * (int64_t)(alloc > 0 ? alloc : 1);
}

static void plan_single(aet_fft3 *p, MPI_Comm comm, unsigned flags)
{
    const aet_fft3_shape *s = &p->shape;
    float *r = p->buffer;
    fftwf_complex *c = p->buffer;

    p->forward_f =
        fftwf_mpi_plan_dft_r2c_3d(s->nz, s->ny, s->nx, r, c, comm, flags | FFTW_MPI_TRANSPOSED_OUT);
    p->backward_f =
        fftwf_mpi_plan_dft_c2r_3d(s->nz, s->ny, s->nx, c, r, comm, flags | FFTW_MPI_TRANSPOSED_IN);
}

static void plan_double(aet_fft3 *p, MPI_Comm comm, unsigned flags)
{
    const aet_fft3_shape *s = &p->shape;
    double *r = p->buffer;
    fftw_complex *c = p->buffer;

    p->forward_d =
        fftw_mpi_plan_dft_r2c_3d(s->nz, s->ny, s->nx, r, c, comm, flags | FFTW_MPI_TRANSPOSED_OUT);
    p->backward_d =
        fftw_mpi_plan_dft_c2r_3d(s->nz, s->ny, s->nx, c, r, comm, flags | FFTW_MPI_TRANSPOSED_IN);
}

static aet_err plan_check(const aet_fft3 *p)
{
    bool ok = p->single ? p->forward_f && p->backward_f : p->forward_d && p->backward_d;

    AET_CHECK(ok, AET_ERR_NUMERIC, "FFTW-MPI has no plan for a transform of %d x %d x %d",
              p->shape.nx, p->shape.ny, p->shape.nz);
    return AET_OK;
}

aet_err aet_fft3_create(MPI_Comm comm, int nx, int ny, int nz, bool single, aet_fft3 **plan)
{
    aet_err err = AET_OK;

    *plan = NULL;
    AET_CHECK(nx > 0 && ny > 0 && nz > 0 && nx <= 16384 && ny <= 16384 && nz <= 16384,
              AET_ERR_INPUT, "FFT size %d x %d x %d is outside 1 ... 16384", nx, ny, nz);
    init_once();
    aet_fft3 *p = AET_NEW(aet_fft3, 1);
    p->shape.nx = nx;
    p->shape.ny = ny;
    p->shape.nz = nz;
    p->single = single;
    shape_fill(&p->shape, comm, single);

    AET_GO(AET_AGREE(
        comm, aet_array_bytes(p->shape.reals, single ? 4 : 8, "buffer of a 3-D FFT", &p->buffer)));
    unsigned flags = plan_rigor((double)nx * ny * nz);
    if (single)
        plan_single(p, comm, flags);
    else
        plan_double(p, comm, flags);
    memset(p->buffer, 0, (size_t)p->shape.reals * (single ? 4 : 8)); /* measuring leaves rubbish */
    AET_GO(AET_AGREE(comm, plan_check(p)));
done:
    if (err != AET_OK)
        aet_fft3_free(&p);
    *plan = p;
    return err;
}

void aet_fft3_free(aet_fft3 **plan)
{
    aet_fft3 *p = *plan;

    if (!p)
        return;
    if (p->forward_f)
        fftwf_destroy_plan(p->forward_f);
    if (p->backward_f)
        fftwf_destroy_plan(p->backward_f);
    if (p->forward_d)
        fftw_destroy_plan(p->forward_d);
    if (p->backward_d)
        fftw_destroy_plan(p->backward_d);
    aet_release(&p->buffer);
    aet_release(plan);
}

const aet_fft3_shape *aet_fft3_get_shape(const aet_fft3 *plan)
{
    return &plan->shape;
}

void *aet_fft3_buffer(aet_fft3 *plan)
{
    return plan->buffer;
}

void aet_fft3_forward(aet_fft3 *plan)
{
    if (plan->single)
        fftwf_execute(plan->forward_f);
    else
        fftw_execute(plan->forward_d);
}

void aet_fft3_backward(aet_fft3 *plan)
{
    if (plan->single)
        fftwf_execute(plan->backward_f);
    else
        fftw_execute(plan->backward_d);
}

/* ---- local 2-D ---- */

struct aet_fft2 {
    double *real;
    fftw_complex *spectrum;
    fftw_plan forward, backward;
};

aet_err aet_fft2_create(int nx, int ny, aet_fft2 **plan)
{
    aet_err err = AET_OK;

    *plan = NULL;
    AET_CHECK(nx > 0 && ny > 0 && (int64_t)nx * ny <= INT_MAX, AET_ERR_INPUT,
              "FFT size %d x %d is not usable", nx, ny);
    aet_fft2 *p = AET_NEW(aet_fft2, 1);
    unsigned flags = plan_rigor((double)nx * ny);

    init_once();
    AET_GO(AET_ARRAY((int64_t)nx * ny, "image of a 2-D FFT", &p->real));
    AET_GO(AET_ARRAY((int64_t)ny * (nx / 2 + 1), "spectrum of a 2-D FFT", &p->spectrum));
    p->forward = fftw_plan_dft_r2c_2d(ny, nx, p->real, p->spectrum, flags);
    p->backward = fftw_plan_dft_c2r_2d(ny, nx, p->spectrum, p->real, flags);
    AET_GO_CHECK(p->forward && p->backward, AET_ERR_NUMERIC, "FFTW has no plan for %d x %d", nx,
                 ny);
done:
    if (err != AET_OK)
        aet_fft2_free(&p);
    *plan = p;
    return err;
}

void aet_fft2_free(aet_fft2 **plan)
{
    aet_fft2 *p = *plan;

    if (!p)
        return;
    if (p->forward)
        fftw_destroy_plan(p->forward);
    if (p->backward)
        fftw_destroy_plan(p->backward);
    aet_release(&p->real);
    aet_release(&p->spectrum);
    aet_release(plan);
}

double *aet_fft2_real(aet_fft2 *plan)
{
    return plan->real;
}

double complex *aet_fft2_spectrum(aet_fft2 *plan)
{
    return plan->spectrum;
}

void aet_fft2_forward(aet_fft2 *plan)
{
    fftw_execute(plan->forward);
}

void aet_fft2_backward(aet_fft2 *plan)
{
    fftw_execute(plan->backward);
}

/* ---- local 1-D ---- */

struct aet_fft1 {
    fftw_complex *line;
    fftw_plan plan;
};

aet_err aet_fft1_create(int n, bool real, aet_fft1 **plan)
{
    aet_err err = AET_OK;

    *plan = NULL;
    AET_CHECK(n > 0, AET_ERR_INPUT, "FFT size %d is not usable", n);
    aet_fft1 *p = AET_NEW(aet_fft1, 1);

    init_once();
    AET_GO(AET_ARRAY(n + 1, "line of a 1-D FFT", &p->line));
    /* measuring one line takes no time worth saving, and lines are transformed by the million */
    p->plan = real ? fftw_plan_dft_c2r_1d(n, p->line, (double *)p->line, FFTW_MEASURE)
                   : fftw_plan_dft_1d(n, p->line, p->line, FFTW_BACKWARD, FFTW_MEASURE);
    AET_GO_CHECK(p->plan, AET_ERR_NUMERIC, "FFTW has no plan for %d points", n);
done:
    if (err != AET_OK)
        aet_fft1_free(&p);
    *plan = p;
    return err;
}

void aet_fft1_free(aet_fft1 **plan)
{
    if (!*plan)
        return;
    if ((*plan)->plan)
        fftw_destroy_plan((*plan)->plan);
    aet_release(&(*plan)->line);
    aet_release(plan);
}

double complex *aet_fft1_line(aet_fft1 *plan)
{
    return plan->line;
}

void aet_fft1_backward(aet_fft1 *plan)
{
    fftw_execute(plan->plan);
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
