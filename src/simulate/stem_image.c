#include "aetlas/base/mem.h"
#include "aetlas/num/blur.h"
#include "aetlas/par/agree.h"
#include "simulate_priv.h"
#include "stem_job.h"
#include <limits.h>
#include <math.h>

#define BLUR_CUT 5.0 /* standard deviations of the source at which its Gaussian ends */

aet_err aet_stem_add(int64_t *sum, double fraction)
{
    AET_CHECK(fraction >= 0 && fraction < 1e3, AET_ERR_NUMERIC,
              "a probe brought %g of its current to the detector", fraction);
    *sum += llround(AET_STEM_ONE * fraction);
    return AET_OK;
}

/* Collective.  Sums over all ranks, in pieces that MPI can count. */
static void add_up(MPI_Comm comm, int64_t *sum, int64_t n)
{
    for (int64_t first = 0; first < n; first += INT_MAX) {
        int count = n - first < INT_MAX ? (int)(n - first) : INT_MAX;
        MPI_Allreduce(MPI_IN_PLACE, sum + first, count, MPI_INT64_T, MPI_SUM, comm);
    }
}

static void make_image(const aet_stem_job *j, aet_tilt *t, int i, float *fine)
{
    int over = j->p->oversampling;
    const int64_t all = (int64_t)j->nx * j->ny, *sum = j->sum + i * all;
    float *image = aet_tilt_image(t, i);
    for (int64_t k = 0; k < all; k++) /* dark: no item has touched it */
        fine[k] =
            (float)(sum[k] == 0 ? j->empty : (double)sum[k] / (AET_STEM_ONE * j->configurations));
    if (j->p->source_sigma_A > 0)
        aet_blur(fine, 1, j->ny, j->nx, j->p->source_sigma_A / j->step_A, BLUR_CUT);
    for (int y = 0; y < t->ny; y++)
        for (int x = 0; x < t->nx; x++)
            image[(int64_t)y * t->nx + x] = fine[(int64_t)y * over * j->nx + x * over];
}

static aet_err make_images(const aet_stem_job *j, aet_tilt *t)
{
    float *fine = NULL;
    AET_TRY(AET_ARRAY((int64_t)j->nx * j->ny, "an image", &fine));
    for (int i = 0; i < t->n; i++)
        make_image(j, t, i, fine);
    aet_release(&fine);
    return AET_OK;
}

static double brightest(const aet_tilt *t)
{
    double top = 0;
    for (int64_t i = 0; i < (int64_t)t->n * t->ny * t->nx; i++)
        top = fmax(top, (double)t->images[i]);
    return top;
}

aet_err aet_stem_images(MPI_Comm comm, const aet_stem_job *j, aet_tilt *t)
{
    add_up(comm, j->sum, (int64_t)j->tilts * j->nx * j->ny);
    AET_TRY(AET_AGREE(comm, make_images(j, t)));
    if (j->p->dose_e_per_A2 == 0)
        return AET_OK;
    /* images are fractions of the current already: the brightest pixel says so */
    aet_simulate_params noise = {
        .dose_e_per_A2 = j->p->dose_e_per_A2, .adf_fraction = brightest(t), .seed = j->p->seed};
    return aet_simulate_dose(comm, t, &noise, j->species[j->n_species - 1]);
}
