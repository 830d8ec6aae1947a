/* ranks: 1 */
/* The parts of a precision: blur, noise and detail of images against known ones; what is made of planted
 * displacements, losses and mistakes. */
#include "aetlas/campaign/precision.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "test.h"

enum { TILTS = 5 };
static const double angles[TILTS][3] = {
    {0, -60, 0}, {0.4, -30, 0}, {0, 0, 0.3}, {0, 30, 0}, {0, 60, 0}};

/* Cube of n^3 fcc cells of lattice constant a, species alternating, centred. */
static aet_atoms *crystal(int n, double constant_A)
{
    static const double base[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(4 * n * n * n, &a));
    for (int i = 0; i < a->n; i++) {
        int cell = i / 4, at[3] = {cell % n, cell / n % n, cell / n / n};
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] = constant_A * (at[k] + base[i % 4][k] + 0.25 - 0.5 * n);
        a->species[i] = i % 3 == 0 ? 28 : 78;
    }
    return a;
}

static aet_tilt *images(const aet_atoms *a, double sigma_A, const char *sigma)
{
    aet_simulate_params p;
    aet_tilt *t = NULL;
    T_OK(aet_config_load(NULL, &aet_simulate_table, &p));
    p.pixel_A = 0.4;
    p.size = 64;
    snprintf(p.sigma_A, sizeof p.sigma_A, "%.12g", sigma_A);
    if (sigma)
        snprintf(p.sigma_A, sizeof p.sigma_A, "%s", sigma);
    T_OK(aet_simulate_tilt(MPI_COMM_WORLD, a, angles, TILTS, &p, &t));
    return t;
}

static void change(aet_tilt *t, double scale, double offset)
{
    for (int64_t k = 0; k < (int64_t)t->n * t->ny * t->nx; k++)
        t->images[k] = (float)(scale * (double)t->images[k] + offset);
}

/* ---- images ---- */

/* Gaussians add up in squares: what is blurred from 0.5 A to sqrt(0.5^2 + s^2) has been blurred by s. */
static void known_blur(const aet_atoms *a)
{
    static const double widths[] = {0.2, 0.55, 1.1};
    aet_tilt *sharp = images(a, 0.5, NULL);
    for (int i = 0; i < 3; i++) {
        double blur, scale;
        aet_tilt *soft = images(a, hypot(0.5, widths[i]), NULL);
        change(soft, 3, 0.7);
        T_OK(aet_precision_fit_blur(sharp, soft, -1, &blur, &scale));
        T_NEAR(blur, widths[i], 0.01 * widths[i]); /* what is asked for; it is 1e-4 */
        T_NEAR(scale, 3, 0.01);
        aet_tilt *made = images(a, 0.5, NULL);
        T_OK(aet_precision_blur(made, blur, scale));
        double worst = 0, top = 0;
        for (int64_t k = 0; k < (int64_t)made->n * 64 * 64; k++) {
            worst = fmax(worst, fabs((double)made->images[k] + 0.7 - (double)soft->images[k]));
            top = fmax(top, (double)soft->images[k]);
        }
        T_NEAR(worst / top, 0, 2e-3); /* atoms' potentials end at 6 to 8 A */
        /* counts do not pull it to either side: to 1 % at some 300 of them in the brightest pixel */
        T_OK(aet_simulate_counts(MPI_COMM_WORLD, soft, 300 / top, 5));
        T_OK(aet_precision_fit_blur(sharp, soft, -1, &blur, &scale));
        T_NEAR(blur, widths[i], 0.01 * fmax(widths[i], 0.5));
        aet_tilt_free(&made);
        aet_tilt_free(&soft);
    }
    aet_tilt_free(&sharp);
}

static void odd_blurs(const aet_atoms *a)
{
    double blur, scale;
    aet_tilt *sharp = images(a, 0.5, NULL), *soft = images(a, 0.8, NULL);
    T_OK(aet_precision_fit_blur(sharp, soft, 0.3, &blur, &scale));
    T_CHECK(blur == 0.3 && scale > 0.5 && scale < 1);
    T_OK(aet_precision_fit_blur(soft, sharp, -1, &blur, &scale)); /* cannot be sharpened */
    T_NEAR(blur, 0, 1e-6);
    change(sharp, -1, 0);
    T_FAILS(aet_precision_fit_blur(sharp, soft, -1, &blur, &scale), AET_ERR_NUMERIC, "no blur");
    soft->nx = 32;
    T_FAILS(aet_precision_fit_blur(sharp, soft, -1, &blur, &scale), AET_ERR_INPUT,
            "cannot be compared");
    soft->nx = 64;
    aet_tilt_free(&sharp);
    aet_tilt_free(&soft);
}

/* A point becomes a Gaussian of that variance, of the same sum. */
static void point(void)
{
    aet_tilt *t = NULL;
    double sum = 0, x = 0, x2 = 0;
    T_OK(aet_tilt_create(1, 48, 50, 0.3, &t));
    t->images[24 * 50 + 25] = 2;
    T_OK(aet_precision_blur(t, 0.6, 1.5));
    for (int k = 0; k < 48 * 50; k++) {
        double v = (double)t->images[k], at = 0.3 * (k % 50 - 25);
        sum += v;
        x += v * at;
        x2 += v * at * at;
    }
    T_NEAR(sum, 3, 1e-5); /* single precision */
    T_NEAR(x / sum, 0, 1e-5);
    T_NEAR(x2 / sum, 0.36, 1e-4);
    aet_tilt_free(&t);
}

static void noise(const aet_atoms *a)
{
    double counts;
    aet_tilt *t = images(a, 0.7, NULL);
    T_OK(aet_precision_counts(t, &counts));
    T_CHECK(counts >
            1e6); /* no noise but rounding and what little lies beyond the Nyquist circle */
    T_OK(aet_simulate_counts(MPI_COMM_WORLD, t, 0.25, 3));
    T_OK(aet_precision_counts(t, &counts));
    /* 0.21 of 5 * 64^2 frequencies, each a power with a deviation of its mean: 1.5 %, thrice that */
    T_NEAR(counts, 0.25, 0.045 * 0.25);
    T_FAILS(aet_simulate_counts(MPI_COMM_WORLD, t, 0, 3), AET_ERR_USAGE, "no dose");
    aet_tilt_free(&t);
}

/* Images of the same atoms agree in detail whatever their blur; of others, or turned ones, not. */
static void detail(aet_atoms *a)
{
    double all, each[TILTS];
    aet_tilt *t = images(a, 0.6, NULL), *soft = images(a, 0.7, NULL);
    T_OK(aet_precision_detail(t, t, 0.2, 0.8, each, &all));
    T_NEAR(all, 1, 1e-6); /* what little of the signal lies beyond the Nyquist circle */
    T_OK(aet_precision_detail(t, soft, 0.2, 0.8, each, &all));
    T_CHECK(all > 0.97 && each[2] > 0.95);
    /* noise does not hide it: 20 counts in the brightest pixel */
    double top = 0;
    for (int64_t k = 0; k < (int64_t)soft->n * 64 * 64; k++)
        top = fmax(top, (double)soft->images[k]);
    T_OK(aet_simulate_counts(MPI_COMM_WORLD, soft, 20 / top, 3));
    T_OK(aet_precision_detail(t, soft, 0.2, 0.8, NULL, &all));
    T_NEAR(all, 0.97, 0.05);
    for (int i = 0; i < a->n; i++) { /* as seen from the side: y becomes x */
        double x = a->position_A[i][0];
        a->position_A[i][0] = 0.9 * a->position_A[i][1] + 0.435889894 * x;
        a->position_A[i][1] = -0.9 * x + 0.435889894 * a->position_A[i][1];
    }
    aet_tilt *other = images(a, 0.6, NULL);
    T_OK(aet_precision_detail(t, other, 0.2, 0.8, NULL, &all));
    T_CHECK(fabs(all) < 0.2);
    aet_tilt_free(&t);
    aet_tilt_free(&soft);
    aet_tilt_free(&other);
}

/* ---- atoms ---- */

enum { EVERY = 10, MISTAKE = 7, EXTRA = 6 };

/* Atoms of the model that are lost: every tenth; what is left is displaced, in part with another element. */
static bool is_lost(int i)
{
    return i % EVERY == 3;
}
static bool is_mistaken(int i)
{
    return i % MISTAKE == 2;
}

/* Up to 0.3 A along each axis, the mean of those found exactly 0. */
static void plant(int n, double (*d)[3])
{
    double mean[3] = {0, 0, 0}, z[4];
    int found = 0;
    for (int i = 0; i < n; i++) {
        aet_rng_uniform4((aet_rng){1, 0, AET_RNG_TEST}, (uint64_t)i, z);
        for (int k = 0; k < 3; k++) {
            d[i][k] = 0.6 * (z[k] - 0.5);
            mean[k] += is_lost(i) ? 0 : d[i][k];
        }
        found += !is_lost(i);
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            d[i][k] -= mean[k] / found;
}

static aet_atoms *disturbed(const aet_atoms *a, const double (*d)[3])
{
    static const double shift[3] = {0.4, -0.2, 0.1};
    aet_atoms *b = NULL;
    int n = 0;
    T_OK(aet_atoms_create(a->n + EXTRA, &b));
    for (int i = a->n - 1; i >= 0; i--) { /* in another order */
        if (is_lost(i))
            continue;
        for (int k = 0; k < 3; k++)
            b->position_A[n][k] = a->position_A[i][k] + d[i][k] + shift[k];
        b->species[n++] = is_mistaken(i) ? 79 : a->species[i];
    }
    for (int e = 0; e < EXTRA; e++, n++) {
        b->position_A[n][0] = 40 + 3 * e;
        b->species[n] = 78;
    }
    b->n = n;
    return b;
}

static double scalar(const aet_atoms *a, const char *name)
{
    double v = (double)NAN;
    T_CHECK(aet_atoms_find_scalar(a, name, &v));
    return v;
}

/* The planted figures of the atoms of a layer (0: all) and a species (0: all). */
static void check_part(const aet_atoms *a, const double (*d)[3], const char *of, int layer, int z)
{
    const double exact = 1e-9; /* sums of doubles; the shift settles to 1e-10 A */
    int atoms = 0, common = 0, same = 0;
    double sum2 = 0;
    char name[64];
    for (int i = 0; i < a->n; i++) {
        if ((layer && i % 4 + 1 != layer) || (z && a->species[i] != z))
            continue;
        atoms++;
        common += !is_lost(i);
        same += !is_lost(i) && !is_mistaken(i);
        if (!is_lost(i))
            sum2 += d[i][0] * d[i][0] + d[i][1] * d[i][1] + d[i][2] * d[i][2];
    }
    snprintf(name, sizeof name, "identification%s", of);
    T_NEAR(scalar(a, name), (double)common / atoms, exact);
    snprintf(name, sizeof name, "identification_species%s", of);
    T_NEAR(scalar(a, name), (double)same / atoms, exact);
    snprintf(name, sizeof name, "rmsd%s_pm", of);
    T_NEAR(scalar(a, name), 100 * sqrt(sum2 / common), 100 * exact);
}

static void check_columns(const aet_atoms *a, const double (*d)[3])
{
    const double *common = aet_atoms_find_column(a, "common")->values;
    const double *moved = aet_atoms_find_column(a, "displacement_A")->values;
    const double *deviation = aet_atoms_find_column(a, "deviation_A")->values;
    const double *species = aet_atoms_find_column(a, "found_species")->values;
    for (int i = 0; i < a->n; i++) {
        T_CHECK((common[i] == 1) == !is_lost(i));
        T_CHECK(species[i] == (is_lost(i) ? 0 : is_mistaken(i) ? 79 : a->species[i]));
        T_NEAR(moved[3 * i + 2], is_lost(i) ? 0 : d[i][2], 1e-9);
        T_CHECK(is_lost(i) ? deviation[i] == -1 : deviation[i] > 0);
    }
}

static void check_curves(const aet_atoms *a)
{
    const aet_curve *h = aet_atoms_find_curve(a, "displacements");
    const aet_curve *l = aet_atoms_find_curve(a, "precision_layers");
    double atoms = 0, maxwell = 0, parts = 0;
    T_CHECK(h && l && l->n == 4 && h->width == 5);
    for (int b = 0; b < h->n; b++) {
        atoms += h->values[b * h->width + 1];
        maxwell += h->values[b * h->width + 2];
        parts += h->values[b * h->width + 3] + h->values[b * h->width + 4];
    }
    T_CHECK(atoms == scalar(a, "common") && parts == atoms);
    T_NEAR(maxwell / atoms, 1, 0.01); /* the rule of rectangles */
    atoms = 0;
    for (int k = 0; k < l->n; k++)
        atoms += l->values[k * l->width + 2];
    T_CHECK(atoms == a->n);
    T_NEAR(l->values[4], scalar(a, "identification_surface"), 1e-12);
    T_NEAR(l->values[6], scalar(a, "rmsd_surface_pm"), 1e-9);
}

static void planted(void)
{
    aet_atoms *a = crystal(4, 3.9);
    double(*d)[3] = aet_new_bytes((size_t)a->n * sizeof *d), spacing;
    T_OK(aet_precision_spacing(a, &spacing));
    T_NEAR(spacing, 3.9 / sqrt(2), 1e-12);
    double *layer = aet_atoms_add_column(a, "layer", 1, "1", "planted")->values;
    for (int i = 0; i < a->n; i++)
        layer[i] = i % 4 + 1;
    double *depth = aet_atoms_add_column(a, "depth_A", 1, "A", "planted")->values;
    for (int i = 0; i < a->n; i++)
        depth[i] = 2.5 * (i % 4);
    plant(a->n, d);
    aet_atoms *b = disturbed(a, (const double(*)[3])d);
    T_OK(aet_precision_measure(a, b, 0, 5, 7));
    T_CHECK(scalar(a, "atoms") == a->n && scalar(a, "found") == b->n);
    T_CHECK(scalar(a, "common") == b->n - EXTRA && scalar(a, "false_atoms") == EXTRA);
    T_CHECK(scalar(a, "lost") == a->n - b->n + EXTRA);
    T_NEAR(scalar(a, "uncommon_fraction"), (a->n - b->n + 2.0 * EXTRA) / a->n, 1e-12);
    T_NEAR(scalar(a, "shift_x_A"), 0.4, 1e-9);
    T_NEAR(scalar(a, "common_limit_A"), spacing / 2, 1e-12);
    T_NEAR(pow(scalar(a, "rmsd_x_pm"), 2) + pow(scalar(a, "rmsd_y_pm"), 2) +
               pow(scalar(a, "rmsd_z_pm"), 2),
           pow(scalar(a, "rmsd_pm"), 2), 1e-9);
    check_part(a, (const double(*)[3])d, "", 0, 0);
    check_part(a, (const double(*)[3])d, "_Ni", 0, 28);
    check_part(a, (const double(*)[3])d, "_Pt", 0, 78);
    check_part(a, (const double(*)[3])d, "_surface", 1, 0);
    check_part(a, (const double(*)[3])d, "_core", 4, 0); /* deeper than 7 A: the fourth alone */
    check_columns(a, (const double(*)[3])d);
    check_curves(a);
    aet_atoms_free(&b);
    T_OK(aet_atoms_create(0, &b));
    T_FAILS(aet_precision_measure(a, b, 0, 5, 7), AET_ERR_INPUT, "nothing to compare");
    aet_release(&d);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

/* What decides the outcome is in the fingerprint: [fit] where there is a fit, and only there. */
static void fingerprints(void)
{
    aet_precision_recipe plain, other;
    T_OK(aet_precision_load(NULL, &plain));
    other = plain;
    other.fit.weakest = 0.3;
    T_CHECK(aet_precision_fingerprint(&other) == aet_precision_fingerprint(&plain));
    plain.params.fit = true;
    T_CHECK(aet_precision_fingerprint(&other) != aet_precision_fingerprint(&plain));
    other.params.fit = true;
    T_CHECK(aet_precision_fingerprint(&other) != aet_precision_fingerprint(&plain));
    other.fit.weakest = plain.fit.weakest;
    T_CHECK(aet_precision_fingerprint(&other) == aet_precision_fingerprint(&plain));
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    aet_atoms *a = crystal(3, 3.9);
    known_blur(a);
    odd_blurs(a);
    point();
    noise(a);
    detail(a);
    aet_atoms_free(&a);
    planted();
    fingerprints();
    T_END();
}
