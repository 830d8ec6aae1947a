/* ranks: 1 */
/* Blurred atoms: the tables against direct integration in Fourier and in real space, and their
 * moments. */
#include "aetlas/physics/potential.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/num/special.h"
#include "aetlas/physics/paint.h"
#include "test.h"

static const aet_scattering *element(aet_scattering_model model, int z)
{
    const aet_scattering *s;
    T_OK(aet_scattering_find(model, z, &s));
    return s;
}

/* v_z blurred by a Gaussian, in real space: the angular integral gives I0. */
static double blurred_in_space(const aet_scattering *s, double sigma, double rho)
{
    enum { PANELS = 400 };
    static double t[PANELS * AET_GAUSS_NODES], w[PANELS * AET_GAUSS_NODES];
    double sum = 0, v = sigma * sigma;
    aet_gauss_panels(0, rho + 8 * sigma, PANELS, t, w);
    for (int i = 0; i < PANELS * AET_GAUSS_NODES; i++) {
        double x = rho * t[i] / v;
        sum += w[i] * t[i] / v * aet_scattering_projected(s, t[i]) * exp(-x) * aet_bessel_i0(x) *
               exp(-(rho - t[i]) * (rho - t[i]) / (2 * v));
    }
    return sum;
}

static double integrate(const aet_scattering *s, double sigma, bool projected, double r)
{
    double value = NAN;
    T_OK(aet_profile_integrate(s, sigma, projected, 1, &r, &value));
    return value;
}

static void against_space(void)
{
    static const double radius[] = {0, 0.3, 0.9, 2, 4};
    for (int model = 0; model < 2; model++)
        for (int z = 28; z <= 78; z += 50) {
            const aet_scattering *s = element((aet_scattering_model)model, z);
            for (int i = 0; i < 5; i++)
                /* the logarithm of v_z at 0 leaves the real-space rule 1e-7 of the centre's value
                 */
                T_NEAR(integrate(s, 0.45, true, radius[i]), blurred_in_space(s, 0.45, radius[i]),
                       1e-4);
        }
}

/* The sum of Gaussians against the integral, in the plane and in space, and its integral. */
static void sums(void)
{
    static const double sigmas[] = {0.15, 0.3, 0.6, 1.2, 2.5};
    static const int elements[] = {6, 8, 26, 27, 28, 31, 46, 78, 79};
    for (int c = 0; c < 5 * 9; c++) {
        double sigma = sigmas[c % 5], worst = 0, worst_volume = 0, sum = 0;
        const aet_scattering *s = element((aet_scattering_model)(c % 2), elements[c / 5]);
        aet_profile *p = NULL;
        T_OK(aet_profile_create(s, sigma, &p));
        if (!p)
            continue;
        for (int i = 0; i < 50;
             i++) { /* half of the points in the core, half over all; none is a node of the fit */
            double r = (i % 2 ? 3 * sigma : 14) * (i + 0.37) / 50;
            worst = fmax(worst, fabs(aet_profile_projected(p, r) - integrate(s, sigma, true, r)));
            worst_volume =
                fmax(worst_volume, fabs(aet_profile_volume(p, r) - integrate(s, sigma, false, r)));
        }
        T_CHECK(worst <= AET_PROFILE_TOLERANCE * integrate(s, sigma, true, 0));
        /* undoing the projection weighs the error of the narrow terms more: measured up to 3e-6 */
        T_CHECK(worst_volume <= 5e-6 * integrate(s, sigma, false, 0));
        for (int k = 0; k < p->terms; k++)
            sum += AET_PI * p->amplitude[k] / p->alpha[k];
        T_NEAR(sum / aet_scattering_integral(s), 1, 1e-7);
        T_NEAR(p->integral, aet_scattering_integral(s), 1e-12 * p->integral);
        T_CHECK(p->cutoff_A > 3 && p->cutoff_A <= 16);
        for (int k = 1; k < p->terms; k++)
            T_CHECK(p->alpha[k] > p->alpha[k - 1]);
        aet_profile_free(&p);
    }
}

static bool alkali(int z)
{
    return z == 3 || z == 19 || z == 37 || z == 55 || z == 87;
}

/* Every element has its sum of Gaussians, which keeps the integral; at the narrowest width the
 * diffuse atoms of alkali metals are the hardest. */
static void every_element(void)
{
    for (int c = 0; c < 2 * AET_ELEMENT_MAX; c++) {
        const aet_scattering *s = element((aet_scattering_model)(c % 2), 1 + c / 2);
        double sum = 0;
        aet_profile *p = NULL;
        T_OK(aet_profile_create(s, alkali(s->z) ? AET_PROFILE_SIGMA_MIN : 0.5, &p));
        if (!p)
            continue;
        for (int k = 0; k < p->terms; k++)
            sum += AET_PI * p->amplitude[k] / p->alpha[k];
        T_NEAR(sum / aet_scattering_integral(s), 1, 1e-6);
        T_CHECK(p->error <= AET_PROFILE_TOLERANCE);
        aet_profile_free(&p);
    }
}

/* Second moments add under convolution: <r^2> grows by 2 sigma^2 in the plane, 3 sigma^2 in space.
 * Of a Gaussian exp(-alpha r^2) it is 1/alpha and 1.5/alpha. */
static void widths(void)
{
    const aet_scattering *s = element(AET_KIRKLAND, 78);
    double moment[2] = {0};
    for (int w = 0; w < 2; w++) {
        aet_profile *p = NULL;
        T_OK(aet_profile_create(s, w ? 0.9 : 0.5, &p));
        for (int k = 0; p && k < p->terms; k++)
            moment[w] += AET_PI * p->amplitude[k] / (p->alpha[k] * p->alpha[k] * p->integral);
        aet_profile_free(&p);
    }
    /* the fit bounds the profile to 1e-6 of the centre; over the 50 A^2 where it is not empty the
     * moment is worth 1e-6 * centre * integral of r^2 / integral = 2e-4 at worst */
    T_NEAR(moment[1] - moment[0], 2 * (0.81 - 0.25), 2e-4);
}

/* What a pixel must have, whatever the way it is painted. */
static void painting(double sigma, double px)
{
    enum { NX = 40, NY = 36, NZ = 12 };
    static double plane[NX * NY], brick[NX * NY * NZ], part[NX * NY * 5];
    const double at[][3] = {
        {17.3, 12.8, 5.1}, {0.5, 35.49, -0.5}, {-3.2, 40.01, 11.5}, {20, 20, 3}};
    const aet_scattering *s = element(AET_LOBATO, 46);
    aet_profile *p = NULL;
    aet_brush *b = NULL;
    T_OK(aet_profile_create(s, sigma, &p));
    T_OK(aet_brush_create(p, px, &b));
    for (size_t a = 0; a < sizeof at / sizeof *at; a++) {
        double x = at[a][0], y = at[a][1], z = at[a][2], worst = 0;
        memset(plane, 0, sizeof plane);
        memset(brick, 0, sizeof brick);
        memset(part, 0, sizeof part);
        aet_paint_atom(plane, NX, NY, b, x, y);
        aet_paint_brick(brick, NX, NY, 0, NZ, b, x, y, z);
        aet_paint_brick(part, NX, NY, 4, 5, b, x, y, z);
        for (int i = 0; i < NX * NY; i++) {
            double dx = (i % NX - x) * px, dy = (i / NX - y) * px;
            double want = aet_profile_projected(p, sqrt(dx * dx + dy * dy));
            /* beyond the cutoff nothing need be painted: there the profile is below 1e-6 of its
             * centre */
            bool beyond = fmax(fabs(dx), fabs(dy)) > p->cutoff_A;
            worst = fmax(worst, fabs(plane[i] - (beyond && plane[i] == 0 ? 0 : want)));
            for (int k = 0; k < NZ; k++) {
                double dz = (k - z) * px, got = brick[k * NX * NY + i];
                beyond = beyond || fabs(dz) > p->cutoff_A;
                want = aet_profile_volume(p, sqrt(dx * dx + dy * dy + dz * dz));
                worst = fmax(worst, fabs(got - (beyond && got == 0 ? 0 : want)));
            }
        }
        /* terms of less than 1e-9 of the centre are left out, ten of them; the rest is rounding */
        T_CHECK(worst <= 2e-8 * aet_profile_projected(p, 0));
        T_CHECK(memcmp(part, brick + 4 * NX * NY, sizeof part) == 0);
    }
    aet_profile_free(&p);
    aet_brush_free(&b);
}

static void odd_places(void)
{
    enum { NX = 40, NY = 36, GUARD = 64 };
    static double plane[NX * NY + 2 * GUARD];
    aet_profile *p = NULL;
    aet_brush *b = NULL;
    T_OK(aet_profile_create(element(AET_KIRKLAND, 28), 0.6, &p));
    T_OK(aet_brush_create(p, 0.3, &b));
    const double odd[][2] = {{-5, 3},     {0, 0},        {NX - 1, NY - 1},   {1e9, 1e9},
                             {-1e300, 0}, {NAN, 2},      {NX + 15, NY + 15}, {3, -26.49},
                             {2, NAN},    {INFINITY, 2}, {NX + 26.4, 10}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        aet_paint_atom(plane + GUARD, NX, NY, b, odd[i][0], odd[i][1]);
    for (int i = 0; i < NX * NY + 2 * GUARD; i++) {
        T_CHECK(isfinite(plane[i]));
        if (i < GUARD || i >= NX * NY + GUARD)
            T_CHECK(plane[i] == 0);
    }
    aet_brush_free(&b);
    T_FAILS(aet_brush_create(p, 1e-4, &b), AET_ERR_USAGE, "too small");
    aet_profile_free(&p);
}

int main(int argc, char **argv)
{
    aet_profile *p;
    T_START(argc, argv);
    against_space();
    sums();
    every_element();
    widths();
    painting(0.5, 0.4);
    painting(0.15, 0.4);
    painting(0.15, 3.0); /* Gaussians far narrower than a pixel: the other way to the factors */
    painting(2.0, 0.5);
    odd_places();
    T_FAILS(aet_profile_create(element(AET_KIRKLAND, 28), 0.01, &p), AET_ERR_USAGE, "0.01 A");
    T_FAILS(aet_profile_create(element(AET_KIRKLAND, 28), NAN, &p), AET_ERR_USAGE,
            "Gaussian width");
    T_END();
}
