/* ranks: 1 */
/* Scattering factors against values got from the published parameters by an independent program,
 * with other quadrature; f_e in Angstrom, projected potentials in V Angstrom, potentials in V. */
#include "aetlas/physics/scattering.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/num/special.h"
#include "aetlas/physics/electron.h"
#include "test.h"

enum { COLUMNS = 12 };
typedef struct {
    int z;
    double value[COLUMNS + 1];
} reference;

/* f_e at q = 0, 0.5, 1, 2, 4; v_z at 0.1, 0.5, 1, 2 A; V at 0.1, 0.5, 1 A; and the integral of v_z
 */
static const reference kirkland[] = {
    {6,
     {2.511358, 1.170045, 0.412703, 0.116831, 0.033647, 215.320, 38.8883, 6.0919, 0.20478, 560.306,
      40.2316, 4.5060, 120.2379}},
    {8,
     {1.989744, 1.223064, 0.542112, 0.158554, 0.043847, 253.195, 28.8894, 2.6056, 0.03672, 723.033,
      34.7007, 2.1595, 95.2643}},
    {26,
     {7.163173, 2.927474, 1.387887, 0.465796, 0.136485, 668.443, 82.6273, 19.7367, 1.82505,
      2003.721, 81.1938, 11.6183, 342.9559}},
    {27,
     {6.852949, 2.922209, 1.416227, 0.485197, 0.141118, 678.002, 78.8562, 18.3212, 1.58546,
      2062.658, 78.2822, 10.9321, 328.1031}},
    {28,
     {6.557227, 2.912306, 1.440787, 0.504250, 0.145780, 686.588, 75.2765, 17.0092, 1.36462,
      2119.897, 75.4583, 10.2937, 313.9446}},
    {31,
     {7.103468, 2.999737, 1.491638, 0.557499, 0.159970, 725.446, 79.8180, 19.3538, 1.74105,
      2291.103, 76.4304, 11.7261, 340.0973}},
    {46,
     {7.584602, 4.485960, 2.142145, 0.744067, 0.236634, 1003.251, 101.9191, 11.9074, 0.38479,
      3196.975, 119.7291, 8.9723, 363.1329}},
    {78,
     {10.806588, 5.995218, 3.034286, 1.198568, 0.379416, 1442.353, 134.6971, 20.1925, 1.05293,
      4846.512, 149.2499, 13.9687, 517.3940}},
    {79,
     {10.553353, 6.034583, 3.070813, 1.208178, 0.384351, 1452.182, 132.0446, 18.5158, 0.87127,
      4893.600, 148.9282, 13.0649, 505.2697}},
};
static const reference lobato[] = {
    {6,
     {2.509700, 1.169156, 0.412795, 0.117158, 0.033596, 215.460, 38.9192, 6.1123, 0.18857, 560.542,
      40.1865, 4.5064}},
    {8,
     {2.029100, 1.231765, 0.542699, 0.158566, 0.043822, 254.288, 29.5489, 2.8201, 0.03480, 724.300,
      35.2325, 2.3168}},
    {26,
     {7.163500, 2.947259, 1.389430, 0.467089, 0.136006, 671.637, 83.8856, 19.7167, 1.80218,
      2013.484, 83.3795, 11.5701}},
    {27,
     {6.850800, 2.942609, 1.419598, 0.485402, 0.140890, 681.320, 79.9280, 18.3149, 1.55159,
      2073.985, 80.3463, 10.9110}},
    {28,
     {6.564900, 2.932106, 1.445510, 0.503500, 0.145800, 689.899, 76.1514, 17.0464, 1.34250,
      2132.291, 77.2786, 10.3061}},
    {31,
     {7.108800, 2.988612, 1.498788, 0.555139, 0.160827, 726.493, 79.4676, 19.6567, 1.72507,
      2303.363, 76.7253, 11.7260}},
    {46,
     {7.581600, 4.496253, 2.130545, 0.751187, 0.235185, 1002.295, 102.7986, 11.4681, 0.43263,
      3182.759, 119.6099, 8.7838}},
    {78,
     {11.178100, 5.998902, 3.030144, 1.199183, 0.381016, 1444.145, 136.7523, 21.6772, 1.48112,
      4858.536, 148.6587, 14.6483}},
    {79,
     {10.575800, 6.040211, 3.065495, 1.209576, 0.385684, 1451.520, 132.1572, 18.3819, 0.93920,
      4903.367, 147.7893, 13.0828}},
};

/* Half a unit of the last printed digit, and 1e-6 of the value: the references were made with a0 =
 * 0.529177 A and e = 14.39964 V A, 8e-7 off ours in product. */
static double tolerance(int column, double value)
{
    static const int digits[COLUMNS + 1] = {6, 6, 6, 6, 6, 3, 4, 4, 5, 3, 4, 4, 4};
    return 0.5001 * pow(10, -digits[column]) + (column < 5 ? 0 : 1e-6 * value);
}

static double column(const aet_scattering *s, int c)
{
    static const double at[COLUMNS] = {0, 0.5, 1, 2, 4, 0.1, 0.5, 1, 2, 0.1, 0.5, 1};
    if (c < 5)
        return aet_scattering_factor(s, at[c]);
    if (c < 9)
        return aet_scattering_projected(s, at[c]);
    return c < COLUMNS ? aet_scattering_potential(s, at[c]) : aet_scattering_integral(s);
}

static void values(aet_scattering_model model, const reference *table, int n, int columns)
{
    for (int i = 0; i < n; i++) {
        const aet_scattering *s;
        T_OK(aet_scattering_find(model, table[i].z, &s));
        for (int c = 0; s && c < columns; c++)
            T_NEAR(column(s, c), table[i].value[c], tolerance(c, table[i].value[c]));
    }
}

/* The fall at large q, q^2 f_e -> Z / (2 pi^2 a0), is built into the table of Lobato and Van Dyck.
 */
static void constraint(void)
{
    for (int z = 1; z <= AET_ELEMENT_MAX; z++) {
        const aet_scattering *s;
        double sum = 0;
        T_OK(aet_scattering_find(AET_LOBATO, z, &s));
        for (int k = 0; k < 5; k++)
            sum += s->a[k] / s->b[k];
        T_NEAR(2 * AET_PI * AET_PI * AET_BOHR_A * sum / s->z, 1.0, 1e-8); /* printed digits */
    }
}

/* Two tables made by different people agree to 0.6 % at q = 1: a misplaced digit or exchanged
 * exponent in either would show (known misprints: Pt b3 ten times too small, Co c1 and c2 exchanged
 * exponents). */
static void cross(void)
{
    for (int i = 0; i < 9; i++) {
        const aet_scattering *k, *l;
        T_OK(aet_scattering_find(AET_KIRKLAND, lobato[i].z, &k));
        T_OK(aet_scattering_find(AET_LOBATO, lobato[i].z, &l));
        T_NEAR(aet_scattering_factor(k, 1) / aet_scattering_factor(l, 1), 1.0, 0.006);
        T_NEAR(aet_scattering_factor(k, 0) / aet_scattering_factor(l, 0), 1.0, 0.04);
    }
    const aet_scattering *pt, *co;
    T_OK(aet_scattering_find(AET_KIRKLAND, 78, &pt));
    T_OK(aet_scattering_find(AET_KIRKLAND, 27, &co));
    T_CHECK(pt->b[2] > 12 && pt->b[2] < 13);
    T_CHECK(co->c[0] > 0.9 && co->c[1] < 0.01);
}

/* v_z is the integral of V along z, and integrates to 47.878 f_e(0). */
static void consistency(aet_scattering_model model)
{
    enum { PANELS = 200 };
    static double z[PANELS * AET_GAUSS_NODES], w[PANELS * AET_GAUSS_NODES];
    for (int i = 0; i < 9; i++) {
        const aet_scattering *s;
        double line = 0, plane = 0;
        T_OK(aet_scattering_find(model, lobato[i].z, &s));
        aet_gauss_panels(0, 20, PANELS, z, w);
        for (int k = 0; k < PANELS * AET_GAUSS_NODES; k++) {
            line += 2 * w[k] * aet_scattering_potential(s, sqrt(0.49 + z[k] * z[k]));
            plane += w[k] * 2 * AET_PI * z[k] * aet_scattering_projected(s, z[k]);
        }
        /* quadrature of smooth functions, tails beyond 20 A below 1e-12 */
        T_NEAR(line / aet_scattering_projected(s, 0.7), 1.0, 1e-9);
        /* rho log(rho) at the origin: 16 nodes in 0.1 A leave 1e-7 */
        T_NEAR(plane / aet_scattering_integral(s), 1.0, 1e-6);
    }
}

/* All elements.  A misplaced digit would show in a table made by other people, in the order of f_e
 * at a fixed q (nearer the nucleus it grows with every proton), or as a kink from element to
 * element.  The limits are a third above the worst found: 1.4 % (Sc, q = 2) between tables, 2.2 %
 * for the second difference (O, q = 1) beyond the steps at He and Ne; at q = 0, where open shells
 * differ between calculations, 10.2 % (Ir, Po). */
static void every_element(void)
{
    static const double at[] = {1, 2, 4};
    for (int k = 0; k < 3; k++)
        for (int m = 0; m < 2; m++) {
            double f[AET_ELEMENT_MAX + 1] = {0};
            const aet_scattering *s, *other;
            for (int z = 1; z <= AET_ELEMENT_MAX; z++) {
                T_OK(aet_scattering_find((aet_scattering_model)m, z, &s));
                T_OK(aet_scattering_find((aet_scattering_model)(1 - m), z, &other));
                T_CHECK(s->z == z);
                f[z] = aet_scattering_factor(s, at[k]);
                T_CHECK(f[z] > f[z - 1]);
                T_NEAR(f[z] / aet_scattering_factor(other, at[k]), 1, 0.019);
                T_NEAR(aet_scattering_factor(s, 0) / aet_scattering_factor(other, 0), 1, 0.14);
            }
            for (int z = 6; z < AET_ELEMENT_MAX; z++)
                T_NEAR((f[z - 1] - 2 * f[z] + f[z + 1]) / f[z], 0, 0.035);
        }
}

/* The mean inner potential of isolated atoms is the integral over the volume of a cell: 13.9 V for
 * silicon, 15.6 V for germanium (Kruse et al., Ultramicroscopy 96, 11 (2003), tables of Doyle and
 * Turner; the third digit differs between tables). */
static void inner_potential(void)
{
    static const struct {
        int z;
        double cell_A, want;
    } known[] = {{14, 5.431, 13.9}, {32, 5.658, 15.6}};
    for (int i = 0; i < 2; i++) {
        const aet_scattering *s;
        T_OK(aet_scattering_find(AET_KIRKLAND, known[i].z, &s));
        T_NEAR(8 * aet_scattering_integral(s) / pow(known[i].cell_A, 3), known[i].want, 0.1);
    }
}

static void detector(void)
{
    /* first Born, 200 kV, 43 to 216 mrad, and 300 kV, 41 to 200 mrad; half of the last digit */
    static const double want[2][4] = {{0.005739, 0.007007, 0.013720, 0.035828},
                                      {0.003355, 0.004109, 0.008379, 0.022071}};
    static const int z[4] = {28, 31, 46, 78};
    for (int i = 0; i < 4; i++) {
        const aet_scattering *s;
        T_OK(aet_scattering_find(AET_KIRKLAND, z[i], &s));
        T_NEAR(aet_scattering_adf_A2(s, 200, 43, 216), want[0][i], 0.6e-6);
        T_NEAR(aet_scattering_adf_A2(s, 300, 41, 200), want[1][i], 0.6e-6);
    }
    T_NEAR(aet_electron_wavelength_A(200), 0.02507934, 0.5e-8);
    T_NEAR(aet_electron_wavelength_A(300), 0.01968749, 0.5e-8);
    T_NEAR(aet_electron_gamma(300), 1.58708536, 0.5e-8);
    T_NEAR(aet_electron_interaction(200), 7.28840104e-4, 0.5e-12);
    T_NEAR(aet_electron_interaction(300), 6.52616142e-4, 0.5e-12);
}

static void special(void)
{
    /* Abramowitz and Stegun 1964, tables 9.1 and 9.8 */
    T_NEAR(aet_bessel_j0(1), 0.7651976865579666, 1e-15);
    T_NEAR(aet_bessel_jn(2, 1), 0.1149034849319005, 1e-15);
    T_NEAR(aet_bessel_k0(1), 0.4210244382407083, 1e-15);
    T_NEAR(aet_bessel_k1(1), 0.6019072301972346, 1e-15);
    T_NEAR(aet_bessel_i0(1), 1.2660658777520084, 1e-14);
    T_CHECK(aet_bessel_k0(1e4) == 0 && aet_bessel_k1(1e4) == 0);
    T_NEAR(aet_sinc(0), 1, 0);
    T_NEAR(aet_sinc(1e-4), sin(1e-4) / 1e-4, 1e-15);
    double x[2 * AET_GAUSS_NODES], w[2 * AET_GAUSS_NODES], sum = 0;
    aet_gauss_panels(0, 2, 2, x, w);
    for (int i = 0; i < 2 * AET_GAUSS_NODES; i++)
        sum += w[i] * pow(x[i], 31);
    T_NEAR(sum / (pow(2, 32) / 32), 1.0, 1e-13); /* exact up to rounding for degree 31 */
}

int main(int argc, char **argv)
{
    const aet_scattering *s;
    T_START(argc, argv);
    values(AET_KIRKLAND, kirkland, 9, COLUMNS + 1);
    values(AET_LOBATO, lobato, 9, COLUMNS);
    constraint();
    cross();
    consistency(AET_KIRKLAND);
    consistency(AET_LOBATO);
    every_element();
    inner_potential();
    detector();
    special();
    T_FAILS(aet_scattering_find(AET_KIRKLAND, 99, &s), AET_ERR_INPUT,
            "Kirkland scattering factor for atomic number 99; there are those of H (1) to Cf (98)");
    T_FAILS(aet_scattering_find(AET_LOBATO, 0, &s), AET_ERR_INPUT, "H (1) to Cf");
    T_END();
}
