/* ranks: 1 */
/* Composition by profile, chemical order and strain of model particles. */
#include "aetlas/base/mem.h"
#include "aetlas/num/cells.h"
#include "aetlas/simulate/particle.h"
#include "test.h"

enum { NI = 28, PT = 78 };

static aet_particle_params defaults(void)
{
    aet_particle_params p;
    T_OK(aet_config_load(NULL, &aet_particle_table, &p));
    return p;
}

static void set(char text[AET_TEXT_MAX], const char *value)
{
    snprintf(text, AET_TEXT_MAX, "%s", value);
}

static aet_atoms *build(const aet_particle_params *p)
{
    aet_atoms *a = NULL;
    T_OK(aet_particle_build(p, &a));
    return a;
}

static double scalar(const aet_atoms *a, const char *name)
{
    double v = NAN;
    T_CHECK(aet_atoms_find_scalar(a, name, &v));
    return v;
}

static int count(const aet_atoms *a, int layer, int species)
{
    const aet_column *c = aet_atoms_find_column(a, "layer");
    int n = 0;
    for (int i = 0; i < a->n; i++)
        n += (layer == 0 || c->values[i] == layer) && (species == 0 || a->species[i] == species);
    return n;
}

static double distance(const aet_atoms *a, int i, int k)
{
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += pow(a->position_A[i][c] - a->position_A[k][c], 2);
    return sqrt(sum);
}

/* Every layer holds its fraction, to one atom at either end; farther in the last one holds. */
static void by_layer(void)
{
    aet_particle_params p = defaults();
    static const double want[] = {0.05, 0.6, 0.25, 0.4, 0.4, 0.4};
    p.size = 13;
    set(p.profile, "0.05, 0.6, 0.25, 0.4");
    aet_atoms *a = build(&p);
    for (int layer = 1; layer <= 6; layer++)
        T_NEAR(count(a, layer, NI), want[layer - 1] * count(a, layer, 0), 1.0);
    aet_atoms *b = build(&p);
    T_CHECK(memcmp(a->species, b->species, (size_t)a->n) == 0);
    aet_atoms_free(&b);
    p.seed = 5;
    b = build(&p);
    T_CHECK(memcmp(a->species, b->species, (size_t)a->n) != 0);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

/* Any range of depths holds what the lines between the points say, to one atom at either end. */
static void by_depth(void)
{
    aet_particle_params p = defaults();
    p.shape = AET_SHAPE_SPHERE;
    p.size = 44;
    set(p.profile, "1:0.1,9:0.5,15:0.2");
    aet_atoms *a = build(&p);
    double *depth = AET_NEW(double, a->n);
    for (int i = 0; i < a->n; i++) {
        depth[i] = HUGE_VAL;
        for (int k = 0; k < a->n; k++)
            if (aet_atoms_find_column(a, "layer")->values[k] == 1)
                depth[i] = fmin(depth[i], distance(a, i, k));
    }
    for (double low = -0.1; low < 20; low += 1.7) {
        double want = 0, have = 0;
        for (int i = 0; i < a->n; i++) {
            double d = depth[i];
            if (d < low || d >= low + 4)
                continue;
            want += d < 1    ? 0.1
                    : d < 9  ? 0.1 + 0.4 * (d - 1) / 8
                    : d < 15 ? 0.5 - 0.05 * (d - 9)
                             : 0.2;
            have += a->species[i] == NI;
        }
        T_NEAR(have, want, 1.001);
    }
    aet_release(&depth);
    aet_atoms_free(&a);
}

/* 1 - N_AB / (2 c_A c_B N) over all pairs of neighbours, by brute force. */
static double measure(const aet_atoms *a, double limit_A)
{
    double bonds = 0, unlike = 0, c = (double)aet_atoms_count(a, NI) / a->n;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < i; k++)
            if (distance(a, i, k) < limit_A) {
                bonds++;
                unlike += a->species[i] != a->species[k];
            }
    return 1 - unlike / (2 * c * (1 - c) * bonds);
}

/* The wanted order is there to a bond, nothing else has changed. */
static void order(void)
{
    static const char *const wanted[] = {"-0.25", "-0.1", "0", "0.05", "0.5", "0.8"};
    aet_particle_params p = defaults();
    p.size = 12; /* 1156 atoms, 6072 bonds: one is 1/(2 * 0.24 * 6072) = 3.4e-4 */
    set(p.fraction, "0.4");
    aet_atoms *dealt = build(&p);
    for (int k = 0; k < 6; k++) {
        set(p.csro, wanted[k]);
        aet_atoms *a = build(&p);
        double got = measure(a, 0.8536 * p.lattice_A);
        T_NEAR(got, atof(wanted[k]), 2 * 3.4e-4);
        T_NEAR(got, scalar(a, "csro"), 1e-12);
        T_CHECK(aet_atoms_count(a, NI) == aet_atoms_count(dealt, NI));
        T_CHECK(memcmp(a->position_A, dealt->position_A, sizeof(double) * 3 * (size_t)a->n) == 0);
        aet_atoms *again = build(&p);
        T_CHECK(memcmp(a->species, again->species, (size_t)a->n) == 0);
        aet_atoms_free(&again);
        aet_atoms_free(&a);
    }
    aet_atoms_free(&dealt);
}

/* Where composition goes by layers, order does not touch it. */
static void order_in_layers(void)
{
    aet_particle_params p = defaults();
    p.size = 12;
    set(p.profile, "0.1,0.6,0.4");
    aet_atoms *dealt = build(&p);
    double before = scalar(dealt, "csro");
    set(p.csro, "-0.12");
    aet_atoms *a = build(&p);
    T_NEAR(scalar(a, "csro"), -0.12, 1e-3);
    T_CHECK(fabs(before + 0.12) > 0.05);
    for (int layer = 1; layer <= 6; layer++)
        T_CHECK(count(a, layer, NI) == count(dealt, layer, NI));
    aet_atoms_free(&a);
    aet_atoms_free(&dealt);
}

/* Mean length of the bonds between neighbours, and between two elements alone when given. */
static double mean_bond(const aet_atoms *a, double limit_A, int za, int zb)
{
    aet_cells *cells = NULL;
    aet_neighbours *nb = NULL;
    double sum = 0;
    int n = 0;
    T_OK(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0, &cells));
    T_OK(aet_neighbours_find(cells, limit_A, &nb));
    for (int i = 0; i < a->n; i++)
        for (int64_t m = nb->start[i]; m < nb->start[i + 1]; m++) {
            int k = nb->index[m];
            if (za > 0 && (a->species[i] != za || a->species[k] != zb))
                continue;
            sum += distance(a, i, k);
            n++;
        }
    aet_neighbours_free(&nb);
    aet_cells_free(&cells);
    return sum / n;
}

/* Vegard's law: the mean bond of a random alloy is that of the mean lattice constant.  At rest the
 * virial sum d (d - L) is zero, so <d> = <L> but for (<dL> - <d>^2) / <d>, under the variance of the
 * bonds wanted, (0.137 A)^2 at most: 2.5e-3 of 2.6 A squared, 1e-3 in length. */
static void vegard(void)
{
    static const char *const fractions[] = {"0", "0.25", "0.5", "0.75", "1"};
    aet_particle_params p = defaults();
    p.size = 14;
    set(p.vegard_A, "Ni:3.524,Pt:3.912");
    for (int k = 0; k < 5; k++) {
        set(p.fraction, fractions[k]);
        aet_atoms *a = build(&p);
        double c = (double)aet_atoms_count(a, NI) / a->n, want = (c * 3.524 + (1 - c) * 3.912);
        T_NEAR(scalar(a, "lattice_A"), want, 1e-9);
        T_NEAR(mean_bond(a, 0.8536 * want, 0, 0), want / sqrt(2), c > 0 && c < 1 ? 2.6e-3 : 1e-9);
        if (c > 0 && c < 1) { /* bonds keep some of their own length */
            double ni = mean_bond(a, 0.8536 * want, NI, NI),
                   pt = mean_bond(a, 0.8536 * want, PT, PT);
            T_CHECK(ni < want / sqrt(2) - 0.01 && pt > want / sqrt(2) + 0.01);
            T_CHECK(ni > 3.524 / sqrt(2) && pt < 3.912 / sqrt(2));
        }
        aet_atoms_free(&a);
    }
}

/* A core of Ni in a shell of Pt: the core is stretched, the shell pressed, along the interface; far
 * inside the strain is even, as in Eshelby's sphere, and the model has not moved. */
static void core_and_shell(void)
{
    aet_particle_params p = defaults();
    p.shape = AET_SHAPE_SPHERE;
    p.size = 48;
    p.shell = 3;
    set(p.fraction, "1");
    set(p.vegard_A, "Ni:3.524,Pt:3.912");
    aet_atoms *a = build(&p);
    double ni = mean_bond(a, 3.2, NI, NI), pt = mean_bond(a, 3.2, PT, PT), centre[3] = {0};
    T_CHECK(ni > 1.005 * 3.524 / sqrt(2) && ni < 0.99 * scalar(a, "lattice_A") / sqrt(2));
    T_CHECK(pt < 0.998 * 3.912 / sqrt(2) && pt > 1.01 * scalar(a, "lattice_A") / sqrt(2));
    double low = HUGE_VAL, high = 0;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < i; k++) {
            double d = distance(a, i, k), *r = a->position_A[i], *q = a->position_A[k];
            if (d < 3.2 && r[0] * r[0] + r[1] * r[1] + r[2] * r[2] < 25 &&
                q[0] * q[0] + q[1] * q[1] + q[2] * q[2] < 25) {
                low = fmin(low, d);
                high = fmax(high, d);
            }
        }
    T_NEAR(high / low, 1, 0.002);
    for (int i = 0; i < a->n; i++)
        for (int c = 0; c < 3; c++)
            centre[c] += a->position_A[i][c] / a->n;
    for (int c = 0; c < 3; c++)
        T_NEAR(centre[c], 0, 1e-9); /* forces add up to nothing */
    aet_atoms_free(&a);
}

/* Height of the highest layer but `deeper` over the middle of the face (111) of an octahedron. */
static double level(const aet_atoms *a, int deeper, double spacing_A)
{
    double best = HUGE_VAL, height = NAN, top = 6.5 * spacing_A; /* 14 an edge */
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        double h = (r[0] + r[1] + r[2]) / sqrt(3);
        double off = r[0] * r[0] + r[1] * r[1] + r[2] * r[2] - h * h;
        if (fabs(h - (top - deeper * spacing_A)) < 0.3 * spacing_A && off < best) {
            best = off;
            height = h;
        }
    }
    return height;
}

/* The outermost layer comes in by the wanted part of the spacing, the next ones stay. */
static void surface(void)
{
    aet_particle_params p = defaults();
    set(p.species, "Pt");
    p.lattice_A = 3.912;
    p.size = 14;
    double spacing = p.lattice_A / sqrt(3);
    for (int k = -1; k <= 1; k++) {
        p.surface_relaxation = 4 * k;
        aet_atoms *a = build(&p);
        double h[4];
        for (int l = 0; l < 4; l++)
            h[l] = level(a, l, spacing);
        /* edges and corners, which relax in their own direction, leave a few 1e-3 of a spacing */
        T_NEAR((h[0] - h[1]) / spacing, 1 + 0.04 * k, 0.004);
        T_NEAR((h[1] - h[2]) / spacing, 1, 0.004);
        T_NEAR((h[2] - h[3]) / spacing, 1, 0.004);
        aet_atoms_free(&a);
    }
}

static void fails(aet_err code, const char *part, aet_particle_params p)
{
    aet_atoms *a = NULL;
    T_FAILS(aet_particle_build(&p, &a), code, part);
    T_CHECK(a == NULL);
}

static void hostile(void)
{
    static const struct {
        const char *profile, *part;
    } profiles[] = {{"0.1,x", "expected fractions by layer"},
                    {"0:0.1,0.2", "either all points"},
                    {"0:0.1,x:0.2", "not a depth"},
                    {"5:0.1,2:0.2", "must ascend"},
                    {"0.1,1.2", "0 to 1"}};
    aet_particle_params p = defaults();
    for (int k = 0; k < 5; k++) {
        set(p.profile, profiles[k].profile);
        fails(AET_ERR_USAGE, profiles[k].part, p);
    }
    set(p.profile, "0.1,0.2");
    p.shell = 1;
    fails(AET_ERR_USAGE, "it says all of them", p);
    p = defaults();
    set(p.csro, "little");
    fails(AET_ERR_USAGE, "from -1 to 1", p);
    set(p.csro, "0.1");
    set(p.species, "Pt");
    fails(AET_ERR_USAGE, "of two elements", p);
    p = defaults();
    p.size = 6;
    set(p.csro, "-0.6"); /* fcc cannot: its triangles keep a third of the bonds alike */
    fails(AET_ERR_NUMERIC, "out of reach: 240 swaps per atom came to -0.", p);
    p = defaults();
    set(p.vegard_A, "Ni:3.5");
    fails(AET_ERR_USAGE, "no lattice constant for Pt", p);
    set(p.vegard_A, "Ni:3.5,Xx:3");
    fails(AET_ERR_USAGE, "unknown element 'Xx'", p);
    set(p.vegard_A, "Ni:35,Pt:3.9");
    fails(AET_ERR_USAGE, "outside 2 to 10", p);
    set(p.vegard_A, "Ni,Pt");
    fails(AET_ERR_USAGE, "expected lattice constants", p);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    by_layer();
    by_depth();
    order();
    order_in_layers();
    vegard();
    core_and_shell();
    surface();
    hostile();
    T_END();
}
