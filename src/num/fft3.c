/* Distributed 3-D transforms: FFTW-MPI, in transposed order. */
#include "aetlas/base/mem.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include "num/fft_priv.h"
#include <fftw3-mpi.h>
#include <string.h>

struct aet_fft3 {
    aet_fft3_shape shape;
    bool single;
    void *buffer;
    fftwf_plan forward_f, backward_f;
    fftw_plan forward_d, backward_d;
};

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
    fft_init_once();
    aet_fft3 *p = AET_NEW(aet_fft3, 1);
    p->shape.nx = nx;
    p->shape.ny = ny;
    p->shape.nz = nz;
    p->single = single;
    shape_fill(&p->shape, comm, single);

    AET_GO(AET_AGREE(
        comm, aet_array_bytes(p->shape.reals, single ? 4 : 8, "buffer of a 3-D FFT", &p->buffer)));
    unsigned flags = fft_rigor((double)nx * ny * nz);
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
