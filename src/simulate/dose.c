#include "aetlas/base/log.h"
#include "aetlas/base/rng.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include "simulate_priv.h"
#include <math.h>

static double brightest(const aet_tilt *t)
{
    int64_t n = (int64_t)t->n * t->ny * t->nx;
    float top = 0;
    for (int64_t i = 0; i < n; i++)
        if (t->images[i] > top)
            top = t->images[i];
    return (double)top;
}

/* One cross-section stands for all elements, because the linear image has one scale: contrast
 * between elements stays that of v_z. */
aet_err aet_simulate_fraction(const aet_simulate_params *p, int heaviest, double top, double *k)
{
    const aet_scattering *row;
    if (p->adf_fraction > 0) {
        *k = p->adf_fraction / top;
        return AET_OK;
    }
    AET_TRY(aet_scattering_find((aet_scattering_model)p->scattering, heaviest, &row));
    *k = aet_scattering_adf_A2(row, p->energy_keV, p->adf_inner_mrad, p->adf_outer_mrad) /
         aet_scattering_integral(row);
    return AET_OK;
}

/* Counts of image i; a count depends on (seed, image, pixel) alone. */
static void count_image(aet_tilt *t, int i, double scale, int seed)
{
    float *image = aet_tilt_image(t, i);
    int64_t pixels = (int64_t)t->ny * t->nx;
    aet_rng key = {(uint64_t)seed, (uint32_t)i, AET_RNG_DOSE};
    for (int64_t j = 0; j < pixels; j++) {
        double mean =
            scale * fmax(0.0, (double)image[j]); /* tails may dip 1e-6 of an atom below 0 */
        image[j] = (float)(aet_rng_poisson(key, (uint64_t)j, mean) / scale);
    }
}

aet_err aet_simulate_counts(MPI_Comm comm, aet_tilt *t, double per_unit, int seed)
{
    int size;
    aet_slab mine = aet_slab_mine(t->n, comm);
    AET_CHECK(per_unit > 0 && isfinite(per_unit), AET_ERR_USAGE,
              "%g counts for a unit of the images is no dose", per_unit);
    for (int i = mine.start; i < mine.start + mine.count; i++)
        count_image(t, i, per_unit, seed);
    MPI_Comm_size(comm, &size);
    for (int r = 0; r < size; r++) {
        aet_slab part = aet_slab_of(t->n, r, size);
        if (part.count > 0)
            aet_bcast_bytes(comm, aet_tilt_image(t, part.start),
                            (int64_t)part.count * t->ny * t->nx * (int64_t)sizeof(float), r);
    }
    return AET_OK;
}

aet_err aet_simulate_dose(MPI_Comm comm, aet_tilt *t, const aet_simulate_params *p, int heaviest)
{
    double k, top = brightest(t), electrons = p->dose_e_per_A2 / t->n * t->pixel_A * t->pixel_A;

    /* all ranks hold the same images, so all fail alike: no agreement is needed */
    AET_CHECK(top > 0, AET_ERR_INPUT, "the images are empty: no atom lies inside them");
    AET_TRY(aet_simulate_fraction(p, heaviest, top, &k));
    aet_info("dose %g e/A^2: %.4g electrons per pixel and image, "
             "brightest pixel %.3g of the beam, %.4g counts",
             p->dose_e_per_A2, electrons, k * top, k * top * electrons);
    if (k * top > 1)
        aet_warn("the linear model sends %.2f of the beam to the detector "
                 "at the brightest pixel, more than there is; counts are "
                 "too high, set simulate.adf_fraction (0.1 to 0.3 is usual)",
                 k * top);
    return aet_simulate_counts(comm, t, electrons * k, p->seed);
}
