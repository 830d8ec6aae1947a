/* ranks: 1 */
/* Waves through free space, gratings and specimens against what is known of them on paper. */
#include "aetlas/num/special.h"
#include "stem_waves.h"

/* Wavelength, A, and interaction constant, rad/(V A), by CODATA 2018 with another program. */
static void constants(void)
{
    static const double known[5][3] = {{80, 0.04175716, 1.00870660e-3},
                                       {100, 0.03701437, 9.24395817e-4},
                                       {120, 0.03349215, 8.63811319e-4},
                                       {200, 0.02507934, 7.28840104e-4},
                                       {300, 0.01968749, 6.52616142e-4}};
    for (int i = 0; i < 5; i++) {
        T_NEAR(aet_electron_wavelength_A(known[i][0]), known[i][1], 0.6e-8);
        T_NEAR(aet_electron_interaction(known[i][0]), known[i][2], 1e-12); /* digits */
    }
}

/* exp(-x^2 / (2 w^2)) has the width w sqrt(1 + (lambda z / (2 pi w^2))^2) after z. */
static void free_space(void)
{
    aet_stem_grid g = grid_of(20, 0.1, 300);
    float complex *w = wave_on(&g, 1);
    double before, width = 0, sum = 0;
    for (int kx = -g.hx; kx <= g.hx; kx++)
        for (int ky = -g.hy; ky <= g.hy; ky++)
            w[(kx + g.hx) * g.my + ky + g.hy] =
                CMPLXF((float)exp(-2 * pow(AET_PI * 0.5, 2) * (kx * kx + ky * ky) / 400), 0);
    before = norm2(w, aet_stem_grid_wave(&g));
    aet_stem_grid_space(&g, 100, 1);
    for (int kx = 0; kx < g.mx; kx++)
        for (int ky = 0; ky < g.my; ky++)
            w[kx * g.my + ky] *= g.fx[kx] * g.fy[ky];
    T_NEAR(norm2(w, aet_stem_grid_wave(&g)) / before, 1, 1e-6); /* single precision */
    aet_fft_band_backward(g.plan, w, g.field);
    for (int y = 0; y < g.ny; y++)
        for (int x = 0; x < g.nx; x++) {
            double at = (x < g.nx / 2 ? x : x - g.nx) * g.lx / g.nx;
            double v = size2(field_at(&g, x, y));
            width += 2 * at * at * v;
            sum += v;
        }
    T_NEAR(sqrt(width / sum), 0.801697, 1e-5); /* digits of the known value, and single precision */
    aet_release(&w);
    aet_stem_grid_free(&g);
}

/* A plane wave behind exp(i sigma V0 sin(2 pi x / L)) has beams of intensity J_n^2(sigma V0). */
static void grating(double volts)
{
    aet_stem_grid g = grid_of(20, 0.1, 300);
    float complex *w = wave_on(&g, 1);
    double phase = aet_electron_interaction(300) * volts;
    for (int y = 0; y < g.ny; y++)
        for (int x = 0; x < g.nx; x++) {
            double a = phase * sin(2 * AET_PI * 5 * x / g.nx);
            aet_cell *cell = &g.field[y / AET_LANES * g.nx + x];
            cell->re[y % AET_LANES] = (float)cos(a);
            cell->im[y % AET_LANES] = (float)sin(a);
        }
    w[(int64_t)g.hx * g.my + g.hy] = 1;
    aet_stem_grid_space(&g, 0, 1.0 / ((double)g.nx * g.ny));
    aet_fft_band_multiply(g.plan, w, g.field, g.fx, g.fy, g.limit);
    for (int n = -4; n <= 4; n++)
        T_NEAR(size2(w[(int64_t)(g.hx + 5 * n) * g.my + g.hy]),
               pow(aet_bessel_jn(abs(n), phase), 2), 1e-6); /* single precision */
    aet_release(&w);
    aet_stem_grid_free(&g);
}

/* How far a carbon atom is from a weak phase object, whose transmission is 1 + i sigma v: what it scatters against
 * i sigma times the transform of its potential, relative, over the band. */
static double beyond_weak_phase(double keV)
{
    aet_stem_params p = defaults();
    static const double at[1][3] = {{2.3, 3.1, 0}};
    const aet_scattering *row;
    int carbon = 6;
    double side = 6, apart = 0, sum = 0;
    p.energy_keV = keV;
    aet_stem_grid g = grid_of(side, 0.1, keV);
    aet_stem_slicer *slicer = NULL;
    aet_stem_specimen *s = atoms_at(1, at, &carbon, &p);
    float complex *t = wave_on(&g, 1);
    T_OK(aet_scattering_find((aet_scattering_model)p.scattering, carbon, &row));
    T_OK(aet_stem_slicer_create(&g, &p, &carbon, 1, &slicer));
    T_OK(aet_stem_slice(slicer, &g, s, 0, origin, true));
    aet_fft_band_forward(g.plan, g.field, t, g.limit);
    double scale = aet_electron_interaction(keV) * aet_scattering_volts() / (side * side);
    for (int kx = -g.hx; kx <= g.hx; kx++)
        for (int ky = -g.limit[kx + g.hx]; ky <= g.limit[kx + g.hx]; ky++) {
            float complex v = t[(kx + g.hx) * g.my + ky + g.hy] / (float)(g.nx * g.ny);
            double weak = scale * aet_scattering_factor(row, hypot(kx, ky) / side);
            double turn = -2 * AET_PI * (kx * at[0][0] + ky * at[0][1]) / side;
            double re = (double)crealf(v) + weak * sin(turn),
                   im = (double)cimagf(v) - weak * cos(turn);
            apart += kx || ky ? re * re + im * im : 0;
            sum += kx || ky ? weak * weak : 0;
        }
    aet_stem_slicer_free(&slicer);
    aet_stem_specimen_free(&s);
    aet_release(&t);
    aet_stem_grid_free(&g);
    return sqrt(apart / sum);
}

/* The next order, (sigma v)^2 / 2, is larger by the ratio of the interaction constants at a lower energy. */
static void weak_phase(void)
{
    double slow = beyond_weak_phase(80), fast = beyond_weak_phase(300);
    T_NEAR(fast, 0, 0.1); /* sigma v is a tenth at 0.1 A from the nucleus */
    T_NEAR(slow / fast * aet_electron_interaction(300) / aet_electron_interaction(80), 1,
           0.02); /* (sigma v)^2 / 3 */
}

/* What leaves the band is all that is lost. */
static void conservation(void)
{
    aet_stem_params p = defaults();
    static const double at[4][3] = {{4, 4, -3}, {4, 4, 1}, {5.2, 3.1, 4}, {2.2, 4.4, 9}};
    static const int z[4] = {6, 8, 6, 28}, species[3] = {6, 8, 28};
    aet_stem_specimen *s = atoms_at(4, at, z, &p);
    double lost[2];
    for (int i = 0; i < 2; i++) {
        aet_stem_grid g = grid_of(8, i ? 0.03 : 0.06, 300);
        aet_stem_slicer *slicer = NULL;
        aet_stem_aperture a;
        aet_optics o = {.energy_keV = 300, .semiangle_mrad = 25};
        float complex *w = wave_on(&g, 1);
        T_OK(aet_stem_slicer_create(&g, &p, species, 3, &slicer));
        T_OK(aet_stem_aperture_create(&g, &o, 1, &a));
        aet_stem_probe(&g, &a, 4, 4, w);
        T_NEAR(norm2(w, aet_stem_grid_wave(&g)), 1, 1e-6); /* single precision */
        T_OK(aet_stem_propagate(slicer, &g, s, origin, true, w, 1));
        lost[i] = 1 - norm2(w, aet_stem_grid_wave(&g));
        aet_release(&w);
        aet_stem_aperture_free(&a);
        aet_stem_slicer_free(&slicer);
        aet_stem_grid_free(&g);
    }
    /* the flux beyond q falls as 1/q^2: twice the band, about a quarter of the loss */
    T_CHECK(lost[0] > 0 && lost[0] < 0.02);
    T_CHECK(lost[1] > 0 && lost[1] < 0.4 * lost[0]);
    aet_stem_specimen_free(&s);
}

/* Two halves of a specimen one after the other are the whole. */
static void halves(const aet_stem_params *p, aet_stem_slicer *slicer, aet_stem_grid *g,
                   const double (*at)[3], const int *z, int n)
{
    aet_stem_aperture a;
    aet_optics o = {.energy_keV = 300, .semiangle_mrad = 25, .c1_A = -5};
    float complex *once = wave_on(g, 1), *twice = wave_on(g, 1);
    aet_stem_specimen *all = atoms_at(n, at, z, p), *upper = atoms_at(n / 2, at, z, p),
                      *lower = atoms_at(n - n / 2, at + n / 2, z, p);
    double apart = 0;
    T_OK(aet_stem_aperture_create(g, &o, 1, &a));
    aet_stem_probe(g, &a, 4, 4, once);
    aet_stem_probe(g, &a, 4, 4, twice);
    T_OK(aet_stem_propagate(slicer, g, all, origin, true, once, 1));
    T_OK(aet_stem_propagate(slicer, g, upper, origin, true, twice, 1));
    T_OK(aet_stem_propagate(slicer, g, lower, origin, true, twice, 1));
    for (int64_t i = 0; i < aet_stem_grid_wave(g); i++)
        apart += size2(once[i] - twice[i]);
    T_CHECK(sqrt(apart) <= 2e-6); /* single precision, some steps more */
    aet_stem_specimen_free(&all);
    aet_stem_specimen_free(&upper);
    aet_stem_specimen_free(&lower);
    aet_stem_aperture_free(&a);
    aet_release(&once);
    aet_release(&twice);
}

/* Light atoms at several depths scatter a plane wave like a grating in three dimensions,
 * |sum exp(i pi lambda z k^2 - 2 pi i k r)|^2 times as much as one of them. */
static void thickness(void)
{
    enum { N = 6 };
    aet_stem_params p = defaults();
    double at[N][3];
    int z[N];
    aet_stem_grid g = grid_of(8, 0.08, 300);
    int64_t points = aet_stem_grid_wave(&g), centre = (int64_t)g.hx * g.my + g.hy;
    aet_stem_slicer *slicer = NULL;
    float complex *one = wave_on(&g, 1), *many = wave_on(&g, 1);
    for (int i = 0; i < N; i++) {
        at[i][0] = 1.2 + 1.1 * i; /* beside each other, so that none sits in the focus of another */
        at[i][1] = i % 2 ? 2.5 : 5.2;
        at[i][2] = -11 + 4 * i; /* the middles of slices */
        z[i] = 6;
    }
    T_OK(aet_stem_slicer_create(&g, &p, z, 1, &slicer));
    for (int n = 1; n <= N; n++) {
        aet_stem_specimen *s = atoms_at(n, (const double(*)[3])at, z, &p);
        memset(many, 0, sizeof *many * (size_t)points);
        many[centre] = 1;
        T_OK(aet_stem_propagate(slicer, &g, s, origin, true, many, 1));
        if (n == 1)
            memcpy(one, many, sizeof *one * (size_t)points);
        double worst = 0;
        for (int64_t i = 0; i < points; i++) {
            double kx = (double)(i / g.my) - g.hx, ky = (double)(i % g.my) - g.hy;
            double q2 = (kx * kx + ky * ky) / 64, re = 0, im = 0;
            for (int k = 0; k < n; k++) {
                double phase =
                    AET_PI * (g.lambda_A * at[k][2] * q2 - 2 * (kx * at[k][0] + ky * at[k][1]) / 8);
                re += cos(phase);
                im += sin(phase);
            }
            if (i != centre && size2(one[i]) > 0)
                worst = fmax(worst, fabs(size2(many[i]) / size2(one[i]) - re * re - im * im));
        }
        T_NEAR(worst / (n * n), 0, 0.06); /* scattered twice: n times 1 % of the amplitude */
        aet_stem_specimen_free(&s);
    }
    halves(&p, slicer, &g, (const double(*)[3])at, z, N);
    aet_stem_slicer_free(&slicer);
    aet_stem_grid_free(&g);
    aet_release(&one);
    aet_release(&many);
}

/* The mean wave behind an atom that moves is the resting one's times exp(-2 pi^2 u^2 k^2)
 * (Debye and Waller): in every direction, and only as far as the number of configurations tells. */
static void debye_waller(void)
{
    enum { N = 300 };
    aet_stem_params p = defaults();
    const double u = 0.12;
    int carbon = 6;
    double rms[256] = {0}, at[1][3] = {{3, 3, 0}}, d[1][3];
    aet_stem_grid g = grid_of(6, 0.125, 300);
    int64_t points = aet_stem_grid_wave(&g), centre = (int64_t)g.hx * g.my + g.hy;
    float complex *mean = wave_on(&g, 1), *still = wave_on(&g, 1);
    aet_stem_slicer *slicer = NULL;
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = 6;
    rms[6] = u;
    T_OK(aet_stem_slicer_create(&g, &p, &carbon, 1, &slicer));
    for (int i = 0; i <= N; i++) {
        double here[1][3] = {{3, 3, 0}};
        aet_stem_displace(a, rms, 5, 2, i, d);
        for (int c = 0; c < 3 && i < N; c++)
            here[0][c] = at[0][c] + d[0][c];
        aet_stem_specimen *s = atoms_at(1, (const double(*)[3])here, &carbon, &p);
        T_OK(aet_stem_slice(slicer, &g, s, 0, origin, true));
        aet_fft_band_forward(g.plan, g.field, still, g.limit); /* the last one rests */
        for (int64_t k = 0; k < points && i < N; k++)
            mean[k] += still[k] / N;
        aet_stem_specimen_free(&s);
    }
    double worst = 0;
    for (int kx = -g.hx; kx <= g.hx; kx++)
        for (int ky = -g.hy; ky <= g.hy; ky++) {
            int64_t i = centre + (int64_t)kx * g.my + ky;
            double q2 = (kx * kx + ky * ky) / 36.0;
            if (i == centre || abs(ky) > g.limit[kx + g.hx])
                continue;
            double want = exp(-2 * AET_PI * AET_PI * u * u * q2);
            worst = fmax(worst, fabs((double)crealf(mean[i] / still[i]) - want));
        }
    T_CHECK(worst < 4 * sqrt(0.5 / N)); /* four sigma of a mean of N numbers of variance <= 1/2 */
    aet_atoms_free(&a);
    aet_stem_slicer_free(&slicer);
    aet_release(&mean);
    aet_release(&still);
    aet_stem_grid_free(&g);
}

/* Three dimensions, the right size, and independent of each other. */
static void displacements(void)
{
    enum { N = 20000 };
    static double d[N][3], e[N][3];
    double rms[256] = {0}, sum[3] = {0}, cross = 0, other = 0;
    aet_atoms *a = NULL;
    aet_stem_params p = defaults();
    T_OK(aet_atoms_create(N, &a));
    for (int i = 0; i < N; i++)
        a->species[i] = 78;
    T_OK(aet_stem_thermal(&p, a, rms));
    T_NEAR(rms[78], 0.0685, 1e-4); /* sqrt(0.37 / (8 pi^2)) */
    aet_stem_displace(a, rms, 1, 0, 0, d);
    aet_stem_displace(a, rms, 1, 0, 1, e);
    for (int i = 0; i < N; i++) {
        for (int c = 0; c < 3; c++)
            sum[c] += d[i][c] * d[i][c] / N;
        cross += d[i][0] * d[i][1] / N;
        other += d[i][0] * e[i][0] / N;
    }
    for (int c = 0; c < 3; c++)
        T_NEAR(sum[c] / (rms[78] * rms[78]), 1, 4 * sqrt(2.0 / N)); /* four sigma, as below */
    T_NEAR(cross / (rms[78] * rms[78]), 0, 4 * sqrt(1.0 / N));
    T_NEAR(other / (rms[78] * rms[78]), 0, 4 * sqrt(1.0 / N));
    snprintf(p.thermal, sizeof p.thermal, "0.5, Pt:0.1");
    p.thermal_unit = 1;
    T_OK(aet_stem_thermal(&p, a, rms));
    T_CHECK(rms[78] == 0.1 && rms[28] == 0.5);
    snprintf(p.thermal, sizeof p.thermal, "Ni:0.1");
    T_FAILS(aet_stem_thermal(&p, a, rms), AET_ERR_USAGE, "Pt");
    snprintf(p.thermal, sizeof p.thermal, "Pt:x");
    T_FAILS(aet_stem_thermal(&p, a, rms), AET_ERR_USAGE, "'x'");
    snprintf(p.thermal, sizeof p.thermal, "Pt:2");
    T_FAILS(aet_stem_thermal(&p, a, rms), AET_ERR_USAGE, "at most 1 A");
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    constants();
    free_space();
    grating(500);
    grating(1000);
    weak_phase();
    conservation();
    thickness();
    debye_waller();
    displacements();
    T_END();
}
