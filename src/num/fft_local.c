/* Transforms within one rank: images and lines. */
#include "aetlas/base/mem.h"
#include "aetlas/num/fft.h"
#include "num/fft_priv.h"
#include <fftw3.h>
#include <limits.h>

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
    unsigned flags = fft_rigor((double)nx * ny);

    fft_init_once();
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

    fft_init_once();
    AET_GO(AET_ARRAY(n + 1, "line of a 1-D FFT", &p->line));
    /* measured if that is allowed at all: it takes no time worth saving, and lines are transformed by
     * the million */
    unsigned flags = fft_rigor((double)INT_MAX);
    p->plan = real ? fftw_plan_dft_c2r_1d(n, p->line, (double *)p->line, flags)
                   : fftw_plan_dft_1d(n, p->line, p->line, FFTW_BACKWARD, flags);
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
