/* ranks: 1 2 3 4 */
/* Linear images and volumes of atom models: exact values, conservation, geometry, noise, rank
 * independence. */
#include "aetlas/simulate/project.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/par/stop.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/potential.h"
#include "test.h"

static const double flat[1][3] = {{0, 0, 0}};
/* any orientations, none special */
static const double tilts[5][3] = {
    {0, -61.3, 0}, {1.2, -20, -0.7}, {0, 0, 0}, {-3, 33.1, 2}, {40, 65, -25}};

static aet_simulate_params defaults(void)
{
    aet_simulate_params p;
    T_OK(aet_config_load(NULL, &aet_simulate_table, &p));
    snprintf(p.sigma_A, sizeof p.sigma_A, "Ni:0.6,Pt:0.7");
    return p;
}

/* An asymmetric cluster of 4 atoms: nothing maps it on itself. */
static aet_atoms *cluster(void)
{
    static const double r[4][3] = {
        {0.11, 0.07, -0.05}, {4.3, 0.9, 1.7}, {-1.2, 5.1, -2.9}, {2.2, -3.3, 6.4}};
    static const uint8_t z[4] = {78, 28, 78, 28};
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(4, &a));
    memcpy(a->position_A, r, sizeof r);
    memcpy(a->species, z, sizeof z);
    return a;
}

static aet_tilt *project(const aet_atoms *a, const double (*angles)[3], int n,
                         const aet_simulate_params *p)
{
    aet_tilt *t = NULL;
    T_OK(aet_simulate_tilt(MPI_COMM_WORLD, a, angles, n, p, &t));
    return t;
}

static double image_sum(const aet_tilt *t, int i)
{
    double sum = 0;
    for (int k = 0; k < t->ny * t->nx; k++)
        sum += (double)aet_tilt_image(t, i)[k];
    return sum;
}

static double worst_difference(const float *a, const float *b, int64_t n, double *top)
{
    double worst = 0;
    *top = 0;
    for (int64_t k = 0; k < n; k++) {
        worst = fmax(worst, fabs((double)a[k] - (double)b[k]));
        *top = fmax(*top, fabs((double)a[k]));
    }
    return worst;
}

/* One atom anywhere: every pixel is the blurred v_z at its distance. */
static void one_atom(void)
{
    aet_simulate_params p = defaults();
    const aet_scattering *s;
    aet_atoms *a = NULL;
    double far = 0, centre;
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = 78;
    a->position_A[0][0] = 1.234;
    a->position_A[0][1] = -0.777;
    a->position_A[0][2] = 3;
    aet_tilt *t = project(a, flat, 1, &p);
    T_OK(aet_scattering_find(AET_KIRKLAND, 78, &s));
    T_OK(aet_profile_integrate(s, 0.7, true, 1, &far, &centre));
    T_CHECK(t->nx == t->ny && t->nx % 2 == 0);
    for (int k = 0; k < t->nx * t->ny; k++) {
        double dx = (k % t->nx - t->nx / 2) * p.pixel_A - 1.234;
        double dy = (k / t->nx - t->ny / 2) * p.pixel_A + 0.777, r = sqrt(dx * dx + dy * dy), want;
        T_OK(aet_profile_integrate(s, 0.7, true, 1, &r, &want));
        T_NEAR((double)t->images[k], want, 1.2e-6 * centre); /* the profile's 1e-6, and float */
    }
    aet_tilt_free(&t);
    aet_atoms_free(&a);
}

/* The sum of an image is the sum of the atoms' integrals, at every tilt. */
static void conservation(void)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = cluster();
    const aet_scattering *ni, *pt;
    p.margin_A = 12; /* wider than the cutoff */
    T_OK(aet_scattering_find(AET_KIRKLAND, 28, &ni));
    T_OK(aet_scattering_find(AET_KIRKLAND, 78, &pt));
    double want = 2 * (aet_scattering_integral(ni) + aet_scattering_integral(pt));
    aet_tilt *t = project(a, tilts, 5, &p);
    /* 1e-6 is cut off; aliasing of sigma 0.6 A on 0.357 A pixels is exp(-2 (pi 0.6/0.357)^2) =
     * 1e-24; float rounding of some 1000 pixels averages out */
    for (int i = 0; i < 5; i++)
        T_NEAR(image_sum(t, i) * p.pixel_A * p.pixel_A / want, 1, 2e-6);
    aet_tilt_free(&t);
    aet_atoms_free(&a);
}

/* The spectrum of a displaced atom is the spectrum times a phase: positions enter exactly. */
static void shift_theorem(void)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = NULL;
    const double move[2] = {0.1234, -0.0567};
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = 28;
    p.size = 64;
    aet_tilt *before = project(a, flat, 1, &p);
    a->position_A[0][0] = move[0];
    a->position_A[0][1] = move[1];
    aet_tilt *after = project(a, flat, 1, &p);
    for (int k = 0; k < 9; k++) {
        int fx = k % 3 * 5, fy = k / 3 * 4; /* frequencies in cycles per 64 pixels */
        double re[2] = {0}, im[2] = {0};
        for (int i = 0; i < 64 * 64; i++) {
            double angle = -2 * AET_PI * (fx * (i % 64) + fy * (i / 64)) / 64;
            for (int w = 0; w < 2; w++) {
                double v = (double)(w ? after : before)->images[i];
                re[w] += v * cos(angle);
                im[w] += v * sin(angle);
            }
        }
        double angle = -2 * AET_PI * (fx * move[0] + fy * move[1]) / (64 * p.pixel_A);
        double want_re = re[0] * cos(angle) - im[0] * sin(angle);
        double want_im = re[0] * sin(angle) + im[0] * cos(angle);
        double scale = 314 / (p.pixel_A * p.pixel_A); /* the spectrum at 0 */
        T_NEAR(re[1], want_re, 2e-6 * scale);         /* cutoff and profile, 1e-6 each */
        T_NEAR(im[1], want_im, 2e-6 * scale);
    }
    aet_tilt_free(&before);
    aet_tilt_free(&after);
    aet_atoms_free(&a);
}

/* The model turned by R and seen flat is the model seen at the angles of R. */
static void rotation(void)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = cluster(), *turned = cluster();
    double R[3][3], top;
    p.size = 80;
    aet_tilt *t = project(a, tilts, 5, &p);
    for (int i = 0; i < 5; i++) {
        aet_rotation(tilts[i], R);
        for (int k = 0; k < a->n; k++)
            aet_rotate(R, a->position_A[k], turned->position_A[k]);
        aet_tilt *u = project(turned, flat, 1, &p);
        /* the same numbers but for rounding of positions, 1e-15, and of floats, 6e-8 */
        double worst = worst_difference(aet_tilt_image(t, i), u->images, 80 * 80, &top);
        T_CHECK(worst <= 2e-7 * top && top > 100);
        aet_tilt_free(&u);
    }
    aet_tilt_free(&t);
    aet_atoms_free(&a);
    aet_atoms_free(&turned);
}

/* x' = x cos - z sin: an atom on +z moves to -x under a positive tilt; y and +x keep their signs.
 */
static void handedness(void)
{
    static const double at[3][3] = {{0, 0, 8}, {8, 0, 0}, {0, 8, 0}};
    static const double tilt[1][3] = {{0, 30, 0}};
    static const double want[3][2] = {{-4, 0}, {6.928203230275509, 0}, {0, 8}};
    aet_simulate_params p = defaults();
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = 78;
    p.size = 120; /* the centre of mass needs the whole atom inside */
    for (int c = 0; c < 3; c++) {
        double sum = 0, x = 0, y = 0;
        memcpy(a->position_A[0], at[c], sizeof at[c]);
        aet_tilt *t = project(a, tilt, 1, &p);
        for (int k = 0; k < 120 * 120; k++) {
            double v = (double)t->images[k];
            sum += v;
            x += v * (k % 120 - 60) * p.pixel_A;
            y += v * (k / 120 - 60) * p.pixel_A;
        }
        T_NEAR(x / sum, want[c][0], 1e-5); /* cutoff: 1e-6 of 7 A */
        T_NEAR(y / sum, want[c][1], 1e-5);
        aet_tilt_free(&t);
    }
    aet_atoms_free(&a);
}

/* The volume's planes add up to the image at 0 degrees; its sum is the atoms' integral. */
static void volume(void)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = cluster();
    aet_volume *v = NULL;
    float *all = NULL;
    p.size = 90;
    p.pixel_A = 0.4;
    T_OK(aet_simulate_volume(MPI_COMM_WORLD, a, &p, &v));
    aet_tilt *t = project(a, flat, 1, &p);
    T_OK(aet_volume_gather(v, -1, &all));
    double top = 0, worst = 0, total = 0;
    for (int k = 0; k < 90 * 90; k++) {
        double sum = 0;
        for (int z = 0; z < 90; z++)
            sum += (double)all[z * 8100 + k];
        total += sum;
        top = fmax(top, (double)t->images[k]);
        worst = fmax(worst, fabs(sum * p.pixel_A - (double)t->images[k]));
    }
    /* table errors of the volume, 1e-6 of its peak over some ten voxels, and its different cutoff
     */
    T_CHECK(worst <= 1e-5 * top);
    const double volts = aet_scattering_volts();
    const aet_scattering *ni, *pt;
    T_OK(aet_scattering_find(AET_KIRKLAND, 28, &ni));
    T_OK(aet_scattering_find(AET_KIRKLAND, 78, &pt));
    double want = 2 * volts * (aet_scattering_factor(ni, 0) + aet_scattering_factor(pt, 0));
    T_NEAR(total * pow(p.pixel_A, 3) / want, 1, 3e-6); /* cutoffs along x, y and z */
    aet_release(&all);
    aet_volume_free(&v);
    aet_tilt_free(&t);
    aet_atoms_free(&a);
}

/* Counts have mean = variance = electrons * fraction; noise free and noisy series share units. */
static void noise(void)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = cluster();
    enum { N = 40 };
    static double many[N][3];
    double chi2 = 0, sum = 0, clean_sum = 0;
    int64_t used = 0;
    p.size = 48;
    aet_tilt *clean = project(a, many, N, &p);
    p.adf_fraction = 0.25;
    p.dose_e_per_A2 = 3e5;
    aet_tilt *noisy = project(a, many, N, &p);
    double top = 0, electrons = p.dose_e_per_A2 / N * p.pixel_A * p.pixel_A;
    for (int64_t k = 0; k < 48 * 48; k++)
        top = fmax(top, (double)clean->images[k]);
    double per_unit = electrons * p.adf_fraction / top; /* counts per V Angstrom */
    for (int64_t k = 0; k < (int64_t)N * 48 * 48; k++) {
        double mean = (double)clean->images[k] * per_unit,
               count = (double)noisy->images[k] * per_unit;
        T_NEAR(count, rint(count), 1e-4 * fmax(1, count)); /* whole numbers, through float */
        sum += count;
        clean_sum += mean;
        if (mean > 5) {
            chi2 += (count - mean) * (count - mean) / mean;
            used++;
        }
    }
    /* a total of S counts varies by sqrt(S); chi^2 per value by sqrt((2 + 1/mean)/n) <=
     * sqrt(2.2/n); 5 sigma */
    T_CHECK(used > 1000);
    T_NEAR(sum, clean_sum, 5 * sqrt(clean_sum));
    T_NEAR(chi2 / (double)used, 1, 5 * sqrt(2.2 / (double)used));
    T_CHECK(memcmp(aet_tilt_image(noisy, 0), aet_tilt_image(noisy, 1), 48 * 48 * sizeof(float)) !=
            0);
    aet_tilt *again = project(a, many, N, &p);
    T_CHECK(memcmp(noisy->images, again->images, (size_t)N * 48 * 48 * sizeof(float)) == 0);
    p.seed = 2;
    aet_tilt_free(&again);
    again = project(a, many, N, &p);
    T_CHECK(memcmp(noisy->images, again->images, (size_t)N * 48 * 48 * sizeof(float)) != 0);
    aet_tilt_free(&again);
    aet_tilt_free(&noisy);
    aet_tilt_free(&clean);
    aet_atoms_free(&a);
}

/* Any number of ranks makes the same bits as one rank alone. */
static void ranks(void)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = cluster();
    aet_tilt *alone = NULL;
    aet_volume *v = NULL, *v_alone = NULL;
    float *all = NULL;
    p.dose_e_per_A2 = 1e5;
    aet_tilt *t = project(a, tilts, 5, &p);
    T_OK(aet_simulate_tilt(MPI_COMM_SELF, a, tilts, 5, &p, &alone));
    T_CHECK(alone->nx == t->nx && alone->n == 5);
    T_CHECK(memcmp(alone->images, t->images, sizeof(float) * 5 * (size_t)(t->nx * t->ny)) == 0);
    T_CHECK(memcmp(alone->angles_deg, tilts, sizeof tilts) == 0);
    p.size = 30;
    T_OK(aet_simulate_volume(MPI_COMM_WORLD, a, &p, &v));
    T_OK(aet_simulate_volume(MPI_COMM_SELF, a, &p, &v_alone));
    T_OK(aet_volume_gather(v, -1, &all));
    T_CHECK(memcmp(all, v_alone->density, sizeof(float) * 27000) == 0);
    aet_release(&all);
    aet_volume_free(&v);
    aet_volume_free(&v_alone);
    aet_tilt_free(&t);
    aet_tilt_free(&alone);
    aet_atoms_free(&a);
}

static void widths(const char *text, const char *part)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = cluster();
    aet_tilt *t = NULL;
    snprintf(p.sigma_A, sizeof p.sigma_A, "%s", text);
    T_FAILS(aet_simulate_tilt(MPI_COMM_WORLD, a, flat, 1, &p, &t), AET_ERR_USAGE, part);
    T_CHECK(t == NULL);
    aet_atoms_free(&a);
}

static void hostile(void)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = cluster(), *none = NULL;
    aet_tilt *t = NULL;
    aet_volume *v = NULL;
    const double broken[2][3] = {{0, 1, 0}, {0, NAN, 0}};
    MPI_Comm w = MPI_COMM_WORLD;

    widths("Ni:0.6", "no width for Pt");
    widths("", "is empty");
    widths("Ni:0.6,Pt:x", "'x' is not a width");
    widths("Ni:0.6,Pt:-1", "outside");
    widths("Ni:0.6,Qq:1", "unknown element 'Qq'");
    T_OK(aet_atoms_create(0, &none));
    T_FAILS(aet_simulate_tilt(w, none, flat, 1, &p, &t), AET_ERR_INPUT, "no atoms");
    T_FAILS(aet_simulate_volume(w, none, &p, &v), AET_ERR_INPUT, "no atoms");
    T_FAILS(aet_simulate_tilt(w, a, broken, 2, &p, &t), AET_ERR_INPUT, "angle 2 of orientation 1");
    T_FAILS(aet_simulate_tilt(w, a, flat, 0, &p, &t), AET_ERR_INPUT, "no tilt angles");
    a->species[2] = 120;
    T_FAILS(aet_simulate_tilt(w, a, flat, 1, &p, &t), AET_ERR_INPUT, "atomic number 120");
    a->species[2] = 0;
    T_FAILS(aet_simulate_tilt(w, a, flat, 1, &p, &t), AET_ERR_INPUT, "atom 2 has no element");
    a->species[2] = 78;
    a->position_A[1][2] = INFINITY;
    T_FAILS(aet_simulate_volume(w, a, &p, &v), AET_ERR_INPUT, "");
    a->position_A[1][2] = 1e7;
    T_FAILS(aet_simulate_volume(w, a, &p, &v), AET_ERR_INPUT, "reaches 1e+07 A");
    a->position_A[1][2] = 0;
    p.adf_outer_mrad = 20;
    T_FAILS(aet_simulate_tilt(w, a, flat, 1, &p, &t), AET_ERR_USAGE, "adf_outer_mrad");
    p = defaults();
    a->position_A[1][0] = 500; /* atoms outside a small image are left out, not an error */
    p.size = 32;
    T_OK(aet_simulate_tilt(w, a, flat, 1, &p, &t));
    aet_tilt_free(&t);
    for (int i = 0; i < 4; i++)
        a->position_A[i][0] = 500;
    p.dose_e_per_A2 = 100;
    T_FAILS(aet_simulate_tilt(w, a, flat, 1, &p, &t), AET_ERR_INPUT, "no atom lies inside");
    T_CHECK(t == NULL && v == NULL);
    aet_atoms_free(&none);
    aet_atoms_free(&a);
}

/* Last, because a request to stop is not taken back. */
static void stopping(void)
{
    aet_simulate_params p = defaults();
    aet_atoms *a = cluster();
    aet_tilt *t = NULL;
    aet_volume *v = NULL;
    if (t_rank == t_size - 1) /* one rank was asked, all stop */
        aet_stop_request();
    T_FAILS(aet_simulate_tilt(MPI_COMM_WORLD, a, tilts, 5, &p, &t), AET_ERR_STOPPED,
            "stopped after 0 of");
    T_FAILS(aet_simulate_volume(MPI_COMM_WORLD, a, &p, &v), AET_ERR_STOPPED, "stopped after 0 of");
    T_CHECK(t == NULL && v == NULL);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    one_atom();
    conservation();
    shift_theorem();
    rotation();
    handedness();
    volume();
    noise();
    ranks();
    hostile();
    stopping();
    T_END();
}
