/* ranks: 1 */
/* Single atoms: cross-sections against Born's and Rutherford's, whatever the pixel and the slices. */
#include "stem_waves.h"

enum { SKIP = 11 }; /* beams of the aperture for one that is computed */

/* Fraction that probes bring to the detector, meant over all places of the cell, times its area: by
 * Parseval the mean over the beams of the aperture, one by one. */
static double cross_section(const aet_stem_params *p, const aet_stem_specimen *s, aet_stem_grid *g,
                            const int *species, int n)
{
    aet_stem_slicer *slicer = NULL;
    aet_stem_aperture a;
    aet_optics o = {.energy_keV = p->energy_keV, .semiangle_mrad = p->semiangle_mrad};
    float *weight = NULL;
    float complex *w = wave_on(g, 1);
    double sum = 0, used = 0;
    T_OK(AET_ARRAY(aet_stem_grid_wave(g), "detector", &weight));
    T_OK(aet_stem_slicer_create(g, p, species, n, &slicer));
    T_OK(aet_stem_aperture_create(g, &o, 1, &a));
    aet_stem_detector(p, g->lx, g->ly, g->hx, g->hy, weight);
    for (int b = a.n / 2 % SKIP; b < a.n; b += SKIP) { /* some of them, evenly over the disc */
        memset(w, 0, sizeof *w * (size_t)aet_stem_grid_wave(g));
        w[(int64_t)(a.kx[b] + g->hx) * g->my + a.ky[b] + g->hy] = a.amplitude[b];
        T_OK(aet_stem_propagate(slicer, g, s, origin, true, w, 1));
        sum += aet_stem_detect(weight, w, aet_stem_grid_wave(g));
        used += size2(a.amplitude[b]);
    }
    aet_release(&w);
    aet_release(&weight);
    aet_stem_aperture_free(&a);
    aet_stem_slicer_free(&slicer);
    return sum / used * g->lx * g->ly;
}

/* The same in the first Born approximation, gamma^2 times the mean over the aperture of the sum of
 * f^2(q - q_beam) over the detector. */
static double born_sum(const aet_stem_params *p, int z, double side_A)
{
    const aet_scattering *row;
    aet_stem_grid g = grid_of(side_A, aet_optics_pixel_A(300, p->adf_outer_mrad + 26), 300);
    aet_optics o = {.energy_keV = 300, .semiangle_mrad = p->semiangle_mrad};
    aet_stem_aperture a;
    float *weight = NULL;
    double sum = 0, used = 0, per_q = pow(aet_electron_gamma(300) * g.lambda_A, 2);
    T_OK(AET_ARRAY(aet_stem_grid_wave(&g), "detector", &weight));
    T_OK(aet_scattering_find((aet_scattering_model)p->scattering, z, &row));
    T_OK(aet_stem_aperture_create(&g, &o, 1, &a));
    aet_stem_detector(p, g.lx, g.ly, g.hx, g.hy, weight);
    for (int b = a.n / 2 % SKIP; b < a.n; b += SKIP) {
        double a2 = size2(a.amplitude[b]);
        for (int64_t i = 0; i < aet_stem_grid_wave(&g); i++) {
            double kx = (double)(i / g.my) - g.hx - a.kx[b],
                   ky = (double)(i % g.my) - g.hy - a.ky[b];
            double f = weight[i] > 0 ? aet_scattering_factor(row, hypot(kx, ky) / side_A) : 0;
            sum += a2 * (double)weight[i] * f * f;
        }
        used += a2;
    }
    aet_stem_grid_free(&g);
    aet_stem_aperture_free(&a);
    aet_release(&weight);
    return sum / used * per_q / (side_A * side_A);
}

/* A light atom against the first Born integral for a convergent probe, which another program gives
 * as want_A2. */
static void born(int z, double want_A2)
{
    aet_stem_params p = defaults();
    static const double at[1][3] = {{3.1, 2.83, 0.2}};
    p.semiangle_mrad = 25.1;
    p.adf_inner_mrad = 41;
    p.adf_outer_mrad = 200;
    p.scattering = AET_KIRKLAND;
    aet_stem_specimen *s = atoms_at(1, at, &z, &p);
    aet_stem_grid g = grid_of(6, aet_optics_pixel_A(300, 226), 300);
    /* coarse and fine samples of the detector; digits of the known value */
    T_NEAR(born_sum(&p, z, 12) / want_A2, 1, 0.01);
    /* scattering more than once: (sigma v)^2 is a hundredth near the nucleus */
    T_NEAR(cross_section(&p, s, &g, &z, 1) / born_sum(&p, z, 6), 1, 0.015);
    aet_stem_grid_free(&g);
    aet_stem_specimen_free(&s);
}

/* At high angles f_e -> Z / (2 pi^2 a0 q^2): the parametrisation with that limit built in, against
 * Rutherford's integral 2 pi gamma^2 (Z / (2 pi^2 a0))^2 lambda^4 / (2 alpha^2). */
static void rutherford(void)
{
    aet_stem_params p = defaults();
    static const double at[1][3] = {{2, 1.9, 0}};
    int carbon = 6;
    p.semiangle_mrad = 6;
    p.adf_inner_mrad = 180;
    p.adf_outer_mrad = 300;
    p.scattering = AET_LOBATO;
    aet_stem_specimen *s = atoms_at(1, at, &carbon, &p);
    aet_stem_grid g = grid_of(4, aet_optics_pixel_A(300, 306), 300);
    double lambda = aet_electron_wavelength_A(300), gamma = aet_electron_gamma(300);
    double f = gamma * carbon / (2 * AET_PI * AET_PI * AET_BOHR_A) * lambda * lambda;
    double want = AET_PI * f * f * (1 / pow(0.18, 2) - 1 / pow(0.3, 2));
    /* at 9 /A carbon's f_e lies 1 to 2 % below its limit, and the detector's inner edge falls between
     * samples 5 mrad apart */
    T_NEAR(cross_section(&p, s, &g, &carbon, 1) / want, 1, 0.05);
    aet_stem_grid_free(&g);
    aet_stem_specimen_free(&s);
}

/* A platinum and a nickel atom: the same image whatever the pixel of the waves. */
static void same_image(int z)
{
    static const double flat[1][3] = {{0, 0, 0}}, pixel[3] = {0.0656, 0.05, 0.035};
    aet_stem_params p = defaults();
    aet_atoms *a = NULL;
    aet_tilt *t[3] = {NULL};
    double top = 0;
    p.method = AET_STEM_MULTISLICE;
    p.adf_inner_mrad = 40;
    p.adf_outer_mrad = 75;
    p.cell_A = 6;
    p.margin_A = 1;
    p.size = 6;
    p.pixel_A = 0.3;
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = (uint8_t)z;
    a->position_A[0][0] = 0.17;
    a->position_A[0][1] = -0.08;
    for (int i = 0; i < 3; i++) {
        p.sampling_A = pixel[i];
        T_OK(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t[i]));
    }
    for (int k = 0; k < 36; k++)
        top = fmax(top, (double)t[0]->images[k]);
    for (int i = 1; i < 3; i++)
        for (int k = 0; k < 36; k++) /* asked for: 1 % */
            T_NEAR((double)t[i]->images[k] / top, (double)t[0]->images[k] / top, 0.01);
    for (int i = 0; i < 3; i++)
        aet_tilt_free(&t[i]);
    aet_atoms_free(&a);
}

/* And the same cross-section. */
static void pixel_sizes(int z)
{
    aet_stem_params p = defaults();
    static const double at[1][3] = {{4.13, 3.9, 0}};
    static const double pixel[4] = {0.0656, 0.05, 0.04, 0.03};
    double value[4];
    p.adf_inner_mrad = 40;
    p.adf_outer_mrad = 75;
    aet_stem_specimen *s = atoms_at(1, at, &z, &p);
    for (int i = 0; i < 4; i++) {
        aet_stem_grid g = grid_of(8, pixel[i], 300);
        value[i] = cross_section(&p, s, &g, &z, 1);
        T_NEAR(value[i] / value[0], 1, 0.005); /* asked for: 1 % */
        aet_stem_grid_free(&g);
    }
    aet_stem_specimen_free(&s);
}

/* What platinum atoms on the axis of a probe focused in their middle bring to 40 to 60 mrad. */
static double on_axis(int n, double sampling_A)
{
    static const double flat[1][3] = {{0, 0, 0}};
    const double apart_A = 3.84;
    aet_stem_params p = defaults();
    aet_atoms *a = NULL;
    aet_tilt *t = NULL;
    p.method = AET_STEM_MULTISLICE;
    p.semiangle_mrad = 25;
    p.adf_inner_mrad = 40;
    p.adf_outer_mrad = 60;
    p.cell_A = 12;
    p.margin_A = 0.1; /* the one probe */
    p.size = 2;
    p.pixel_A = 0.5;
    p.sampling_A = sampling_A;
    T_OK(aet_atoms_create(n, &a));
    for (int i = 0; i < n; i++) {
        a->species[i] = 78;
        a->position_A[i][2] = (i - 0.5 * (n - 1)) * apart_A - (n == 1 ? 0.25 * apart_A : 0);
    }
    T_OK(aet_simulate_stem(MPI_COMM_WORLD, a, flat, 1, &p, &t));
    double value = (double)t->images[3];
    aet_tilt_free(&t);
    aet_atoms_free(&a);
    return value;
}

/* The values of another program, abTEM 1.0.9 (Madsen and Susi, Open Res. Europe 1, 24 (2021)): infinite
 * projection, Kirkland, slices of 2 A, pixels of 0.01 A, where it still rises by 0.1 % (one atom) and 0.4 % (column)
 * from those of 0.02 A. */
static void other_program(void)
{
    T_NEAR(on_axis(1, 0.04) / 0.04821, 1, 0.005);
    T_NEAR(on_axis(4, 0.04) / 0.15123, 1, 0.008);
    T_CHECK(on_axis(4, 0.077) < 0.9 * 0.15123); /* what the header tells of coarser waves */
}

/* Slabs add up to the atom, and slices of any cut scatter alike: the same wave from an atom whose
 * potential is cut into thin slices, to the Fresnel phases over its depth. */
static void finite_slices(void)
{
    const aet_scattering *row[2];
    T_OK(aet_scattering_find(AET_KIRKLAND, 28, &row[0]));
    T_OK(aet_scattering_find(AET_LOBATO, 78, &row[1]));
    for (int i = 0; i < 2; i++)
        for (double q = 0; q < 4; q += 0.7) {
            double sum = 0;
            for (double z = -20; z < 20; z += 0.4)
                sum += aet_scattering_slab(row[i], q, z, z + 0.4);
            T_NEAR(sum / aet_scattering_factor(row[i], q), 1, 1e-9); /* tails beyond 20 A */
        }
    aet_stem_params p = defaults();
    static const double at[2][3] = {{3.5, 4.1, 0.3}, {4.9, 3.7, 2.9}};
    static const int z[2] = {28, 28};
    p.adf_inner_mrad = 40;
    p.adf_outer_mrad = 80;
    double value[3];
    for (int i = 0; i < 3; i++) {
        p.projection = i > 0;
        p.slice_A = i == 2 ? 1 : 2;
        aet_stem_specimen *s = atoms_at(2, at, z, &p);
        aet_stem_grid g = grid_of(8, 0.0625, 300);
        value[i] = cross_section(&p, s, &g, z, 1);
        aet_stem_grid_free(&g);
        aet_stem_specimen_free(&s);
    }
    T_NEAR(value[1] / value[0], 1, 0.01); /* what cutting is worth for one layer of atoms */
    T_NEAR(value[2] / value[1], 1, 0.005);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    born(6, 0.000258);
    born(8, 0.000459);
    rutherford();
    same_image(78);
    same_image(28);
    pixel_sizes(78);
    pixel_sizes(28);
    other_program();
    finite_slices();
    T_END();
}
