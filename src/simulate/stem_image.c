#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "simulate_priv.h"
#include "stem_job.h"
#include <limits.h>
#include <math.h>

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

/* One line of n numbers, stride apart, blurred; beyond its ends it goes on as it ends. */
static void blur_line(double *line, int64_t stride, int n, const double *kernel, int reach,
                      double *work)
{
    for (int i = 0; i < n; i++)
        work[i] = line[i * stride];
    for (int i = 0; i < n; i++) {
        double v = 0;
        for (int d = -reach; d <= reach; d++) {
            int at = i + d < 0 ? 0 : i + d >= n ? n - 1 : i + d;
            v += kernel[d < 0 ? -d : d] * work[at];
        }
        line[i * stride] = v;
    }
}

/* Gaussian of sigma samples, along x, then along y. */
static aet_err blur(double *image, int nx, int ny, double sigma)
{
    aet_err err = AET_OK;
    int reach = (int)ceil(5 * sigma);
    double *kernel = NULL, *work = NULL, norm = 0;
    AET_GO(AET_ARRAY(reach + 1, "kernel of the source", &kernel));
    AET_GO(AET_ARRAY(nx > ny ? nx : ny, "a line of an image", &work));
    for (int d = 0; d <= reach; d++) {
        kernel[d] = exp(-0.5 * pow(d / sigma, 2));
        norm += (d > 0 ? 2 : 1) * kernel[d];
    }
    for (int d = 0; d <= reach; d++)
        kernel[d] /= norm;
    for (int y = 0; y < ny; y++)
        blur_line(image + (int64_t)y * nx, 1, nx, kernel, reach, work);
    for (int x = 0; x < nx; x++)
        blur_line(image + x, nx, ny, kernel, reach, work);
done:
    aet_release(&kernel);
    aet_release(&work);
    return err;
}

static aet_err make_image(const aet_stem_job *j, aet_tilt *t, int i, double *fine)
{
    int over = j->p->oversampling;
    const int64_t all = (int64_t)j->nx * j->ny, *sum = j->sum + i * all;
    float *image = aet_tilt_image(t, i);
    for (int64_t k = 0; k < all; k++) /* dark: no item has touched it */
        fine[k] = sum[k] == 0 ? j->empty : (double)sum[k] / (AET_STEM_ONE * j->configurations);
    if (j->p->source_sigma_A > 0)
        AET_TRY(blur(fine, j->nx, j->ny, j->p->source_sigma_A / j->step_A));
    for (int y = 0; y < t->ny; y++)
        for (int x = 0; x < t->nx; x++)
            image[(int64_t)y * t->nx + x] = (float)fine[(int64_t)y * over * j->nx + x * over];
    return AET_OK;
}

static aet_err make_images(const aet_stem_job *j, aet_tilt *t)
{
    aet_err err = AET_OK;
    double *fine = NULL;
    AET_TRY(AET_ARRAY((int64_t)j->nx * j->ny, "an image", &fine));
    for (int i = 0; i < t->n && err == AET_OK; i++)
        err = make_image(j, t, i, fine);
    aet_release(&fine);
    return err;
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
