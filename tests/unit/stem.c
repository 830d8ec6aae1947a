/* ranks: 1 2 3 4 */
/* ADF-STEM series as a whole: the same on any number of ranks, windows, phonons, blur, noise, refusals. */
#include "aetlas/par/stop.h"
#include "stem_images.h"

static void same_on_any_ranks(void)
{
    aet_stem_params p = defaults();
    aet_atoms *a = cluster();
    p.phonons = 2;
    p.size = 16; /* else image and cell would hold the model at all these tilts */
    p.cell_A = 11;
    aet_tilt *all = images(a, tilts, 3, &p);
    T_CHECK(all->n == 3 && all->pixel_A == 0.6 && all->angles_deg[1][0] == 1.2);
    if (t_rank == 0) {
        aet_tilt *alone = images_on(MPI_COMM_SELF, a, tilts, 3, &p);
        T_CHECK(memcmp(all->images, alone->images, sizeof *all->images * 3 * 16 * 16) == 0);
        aet_tilt_free(&alone);
    }
    T_CHECK(top(all) > 0.01 && top(all) < 0.5);
    T_OK(aet_tilt_check(all));
    /* one image: ranks share its probes; another seed: another image */
    aet_tilt *one = images(a, tilts, 1, &p);
    T_CHECK(memcmp(all->images, one->images,
                   sizeof *one->images * (size_t)one->nx * (size_t)one->ny) == 0);
    p.seed = 2;
    aet_tilt *other = images(a, tilts, 1, &p);
    T_CHECK(apart(one, other) > 0.01);
    aet_tilt_free(&one);
    aet_tilt_free(&other);
    aet_tilt_free(&all);
    aet_atoms_free(&a);
}

/* An atom is seen where x' = x cos(theta) - z sin(theta) says, at its exact place. */
static void places(void)
{
    aet_stem_params p = defaults();
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = 78;
    a->position_A[0][0] = 0.5;
    a->position_A[0][1] = -1.1;
    a->position_A[0][2] = 2.3;
    p.pixel_A = 0.3;
    p.margin_A = 3;
    p.size = 24;
    aet_tilt *t = images(a, tilts, 1, &p);
    double x = 0, y = 0, sum = 0;
    for (int i = 0; i < t->nx * t->ny; i++) {
        double v = (double)t->images[i] * (double)t->images[i]; /* the tails reach the border */
        x += v * (i % t->nx - 12) * 0.3;
        y += v * (i / t->nx - 12) * 0.3;
        sum += v;
    }
    double c = cos(-40 * acos(-1) / 180), s = sin(-40 * acos(-1) / 180);
    T_NEAR(x / sum, 0.5 * c - 2.3 * s, 0.02); /* a fifteenth of a pixel */
    T_NEAR(y / sum, -1.1, 0.02);
    aet_tilt_free(&t);
    aet_atoms_free(&a);
}

/* Small cells around the probes give what the whole cell gives, up to what the probe leaves behind
 * outside of them. */
static void windows(void)
{
    aet_stem_params p = defaults();
    aet_atoms *a = cluster();
    p.margin_A = 4;
    p.size = 20;
    aet_tilt *whole = images(a, flat, 1, &p);
    p.window_A = 10;
    aet_tilt *window = images(a, flat, 1, &p);
    T_NEAR(apart(whole, window), 0, 0.02);
    p.window_A = 4;
    aet_tilt *narrow = images(a, flat, 1, &p);
    T_CHECK(apart(whole, narrow) > apart(whole, window));
    aet_tilt_free(&whole);
    aet_tilt_free(&window);
    aet_tilt_free(&narrow);
    aet_atoms_free(&a);
}

/* Batches by memory change nothing; too little of it is refused with what it takes. */
static void memory(void)
{
    aet_stem_params p = defaults();
    aet_atoms *a = cluster();
    aet_tilt *t = NULL;
    p.size = 16;
    aet_tilt *plenty = images(a, flat, 1, &p);
    p.memory_GB = 0.0006;
    aet_tilt *little = images(a, flat, 1, &p);
    T_CHECK(memcmp(plenty->images, little->images, 16 * 16 * sizeof(float)) == 0);
    p.memory_GB = 0.00001;
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE,
            "more than stem.memory_GB");
    T_CHECK(t == NULL);
    aet_tilt_free(&plenty);
    aet_tilt_free(&little);
    aet_atoms_free(&a);
}

/* A blur keeps the current and widens atoms; steps finer than pixels leave the pixels' probes. */
static void source(void)
{
    aet_stem_params p = defaults();
    aet_atoms *a = cluster();
    double sum[2] = {0, 0};
    p.size = 32;
    aet_tilt *sharp = images(a, flat, 1, &p);
    p.oversampling = 2;
    aet_tilt *fine = images(a, flat, 1, &p);
    T_NEAR(apart(sharp, fine), 0, 1e-6); /* rounding of the place of a probe */
    p.oversampling = 1;
    p.source_sigma_A = 0.6;
    aet_tilt *soft = images(a, flat, 1, &p);
    for (int i = 0; i < 32 * 32; i++) {
        sum[0] += (double)sharp->images[i];
        sum[1] += (double)soft->images[i];
    }
    T_NEAR(sum[1] / sum[0], 1, 1e-5); /* the border is dark */
    T_CHECK(top(soft) < 0.7 * top(sharp));
    aet_tilt_free(&sharp);
    aet_tilt_free(&fine);
    aet_tilt_free(&soft);
    aet_atoms_free(&a);
}

static void noise(void)
{
    aet_stem_params p = defaults();
    aet_atoms *a = cluster();
    double chi2 = 0;
    int n = 0;
    p.size = 20;
    aet_tilt *clean = images(a, flat, 1, &p);
    p.dose_e_per_A2 = 1e5;
    aet_tilt *noisy = images(a, flat, 1, &p);
    double electrons = 1e5 * 0.6 * 0.6;
    for (int i = 0; i < 400; i++) {
        double mean = electrons * (double)clean->images[i],
               count = electrons * (double)noisy->images[i];
        T_NEAR(count, round(count), 2e-3); /* whole electrons, in single precision */
        if (mean > 20) {
            chi2 += (count - mean) * (count - mean) / mean;
            n++;
        }
    }
    T_CHECK(n > 30);
    T_NEAR(chi2 / n, 1, 4 * sqrt(2.0 / n)); /* four sigma */
    aet_tilt_free(&clean);
    aet_tilt_free(&noisy);
    aet_atoms_free(&a);
}

static void refusals(void)
{
    aet_stem_params p = defaults();
    aet_atoms *a = cluster();
    aet_tilt *t = NULL;
    p.sampling_A = 0.2;
    /* lambda / (3 * 0.11) = 0.1265 */
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE,
            "stem.sampling_A <= 0.1265");
    p = defaults();
    p.adf_inner_mrad = 120;
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE, "not above");
    p = defaults();
    p.cell_A = 3;
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE, "does not fit");
    p = defaults();
    const double wrong[1][3] = {{0, NAN, 0}};
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, wrong, 1, &p, &t), AET_ERR_INPUT, "not a finite");
    a->species[2] = 99;
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_INPUT, "scattering");
    a->species[2] = 6;
    p.phonons = 1;
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE, "C:0.4");
    aet_atoms_free(&a);
    T_OK(aet_atoms_create(0, &a));
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_INPUT, "no atoms");
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    same_on_any_ranks();
    places();
    windows();
    memory();
    source();
    noise();
    refusals();
    /* a stop asked for on one rank ends the series on all */
    aet_stem_params p = defaults();
    aet_atoms *a = cluster();
    aet_tilt *t = NULL;
    if (t_rank == t_size - 1)
        aet_stop_request();
    T_FAILS(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_STOPPED, "stopped");
    aet_atoms_free(&a);
    T_END();
}
