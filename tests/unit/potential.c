/* ranks: 1 */
/* Blurred atoms: the tables against direct integration in Fourier and in real space, and their
 * moments. */
#include "aetlas/physics/potential.h"
#include "aetlas/base/mem.h"
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

static void against_space(void)
{
    static const double radius[] = {0, 0.3, 0.9, 2, 4};
    for (int model = 0; model < 2; model++)
        for (int z = 28; z <= 78; z += 50) {
            const aet_scattering *s = element((aet_scattering_model)model, z);
            for (int i = 0; i < 5; i++) {
                double direct;
                T_OK(aet_profile_direct(s, 0.45, radius[i], true, &direct));
                /* the logarithm of v_z at 0 leaves the real-space rule 1e-7 of the centre's value
                 */
                T_NEAR(direct, blurred_in_space(s, 0.45, radius[i]), 1e-4);
            }
        }
}

static void tables(void)
{
    static const double sigmas[] = {0.15, 0.3, 0.6, 1.2, 2.5};
    for (int c = 0; c < 5 * 2 * 2; c++) {
        double sigma = sigmas[c % 5], worst = 0, sum = 0;
        bool projected = c / 5 % 2;
        const aet_scattering *s = element((aet_scattering_model)(c / 10), c % 5 == 2 ? 26 : 78);
        aet_profile *p = NULL;
        T_OK(projected ? aet_profile_projected(s, sigma, &p) : aet_profile_volume(s, sigma, &p));
        if (!p)
            continue;
        for (int i = 0; i < 100; i++) { /* half of the points in the core, half over all */
            double u = (i % 2 ? fmin(4 * sigma * sigma, p->cutoff_A2) : p->cutoff_A2) * (i + 0.37) /
                       100,
                   d;
            T_OK(aet_profile_direct(s, sigma, sqrt(u), projected, &d));
            worst = fmax(worst, fabs(d - aet_profile_at(p, u)));
        }
        T_CHECK(worst <= AET_PROFILE_TOLERANCE * p->value[0]);
        for (int i = 0; i < p->n - 1; i++) { /* over the table's own pieces: linear in r^2 */
            double u = (i + 0.5) * p->step_A2;
            if (u < p->cutoff_A2)
                sum += AET_PI * p->step_A2 * aet_profile_at(p, u) * (projected ? 1 : 2 * sqrt(u));
        }
        /* 1e-6 is cut off; in space the rest of the linear interpolation adds up to 8e-6 */
        T_NEAR(sum / p->integral, 1, projected ? 1.1e-6 : 1e-5);
        T_NEAR(p->integral, aet_scattering_integral(s), 1e-12 * p->integral);
        aet_profile_free(&p);
    }
}

/* Second moments add under convolution: <r^2> grows by 2 sigma^2 in the plane, 3 sigma^2 in space.
 */
static double second_moment(const aet_profile *p, bool projected)
{
    double sum = 0;
    for (int i = 0; i < p->n - 1; i++) {
        double u = (i + 0.5) * p->step_A2;
        if (u < p->cutoff_A2)
            sum += AET_PI * p->step_A2 * u * aet_profile_at(p, u) * (projected ? 1 : 2 * sqrt(u));
    }
    return sum / p->integral;
}

static void widths(void)
{
    const aet_scattering *s = element(AET_KIRKLAND, 78);
    for (int projected = 0; projected < 2; projected++) {
        aet_profile *a = NULL, *b = NULL;
        T_OK(projected ? aet_profile_projected(s, 0.5, &a) : aet_profile_volume(s, 0.5, &a));
        T_OK(projected ? aet_profile_projected(s, 0.9, &b) : aet_profile_volume(s, 0.9, &b));
        double want = (projected ? 2 : 3) * (0.81 - 0.25);
        /* what is cut off (1e-6 of the integral) weighs cutoff^2 ~ 60 A^2 in each moment */
        T_NEAR(second_moment(b, projected) - second_moment(a, projected), want, 2e-4);
        aet_profile_free(&a);
        aet_profile_free(&b);
    }
}

static void painting(void)
{
    enum { NX = 40, NY = 36 };
    static double plane[NX * NY];
    const aet_scattering *s = element(AET_LOBATO, 46);
    aet_profile *p = NULL;
    double px = 0.4, x = 17.3, y = 12.8, dz = 0.7;
    T_OK(aet_profile_volume(s, 0.5, &p));
    aet_paint_atom(plane, NX, NY, px, p, 2.0, x, y, dz);
    for (int i = 0; i < NX * NY; i++) {
        double dx = (i % NX - x) * px, dy = (i / NX - y) * px, r2 = dx * dx + dy * dy + dz * dz;
        double want = r2 < p->cutoff_A2 ? 2 * aet_profile_at(p, r2) : 0;
        T_NEAR(plane[i], want, 1e-9 * p->value[0]); /* rounding of r^2 over the table's slope */
    }
    /* atoms off the plane, at its corners, far away and at no place at all must not write outside
     */
    const double odd[][2] = {{-5, 3},     {0, 0},   {NX - 1, NY - 1},  {1e9, 1e9},
                             {-1e300, 0}, {NAN, 2}, {NX + 15, NY + 15}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        aet_paint_atom(plane, NX, NY, px, p, 1.0, odd[i][0], odd[i][1], 0);
    for (int i = 0; i < NX * NY; i++)
        T_CHECK(isfinite(plane[i]));
    aet_profile_free(&p);
}

int main(int argc, char **argv)
{
    aet_profile *p;
    T_START(argc, argv);
    against_space();
    tables();
    widths();
    painting();
    T_FAILS(aet_profile_projected(element(AET_KIRKLAND, 28), 0.01, &p), AET_ERR_USAGE, "0.01 A");
    T_FAILS(aet_profile_volume(element(AET_KIRKLAND, 28), NAN, &p), AET_ERR_USAGE,
            "Gaussian width");
    T_END();
}
