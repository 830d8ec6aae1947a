/* ranks: 1 */
#include "aetlas/simulate/particle.h"
#include "aetlas/base/mem.h"
#include "test.h"

static aet_particle_params defaults(void)
{
    aet_particle_params p;
    T_OK(aet_config_load(NULL, &aet_particle_table, &p));
    return p;
}

static aet_atoms *build(const aet_particle_params *p)
{
    aet_atoms *a = NULL;
    T_OK(aet_particle_build(p, &a));
    return a;
}

static double distance(const aet_atoms *a, int i, int k)
{
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += pow(a->position_A[i][c] - a->position_A[k][c], 2);
    return sqrt(sum);
}

/* Atoms by number of neighbours; the smallest distance; all by brute force. */
static void coordination(const aet_atoms *a, double lattice_A, int by_cn[13], double *nearest)
{
    memset(by_cn, 0, 13 * sizeof *by_cn);
    *nearest = HUGE_VAL;
    for (int i = 0; i < a->n; i++) {
        int cn = 0;
        for (int k = 0; k < a->n; k++) {
            double d = i == k ? HUGE_VAL : distance(a, i, k);
            cn += d < 0.85 * lattice_A;
            *nearest = fmin(*nearest, d);
        }
        T_CHECK(cn <= 12);
        by_cn[cn > 12 ? 12 : cn]++;
    }
}

static int surface(const aet_atoms *a)
{
    const aet_column *layer = aet_atoms_find_column(a, "layer");
    int n = 0;
    for (int i = 0; layer && i < a->n; i++)
        n += layer->values[i] == 1;
    return n;
}

/* Closed-shell counts: octahedron N = n(2n^2+1)/3, surface 4(n-1)^2+2, CN 4: 6, 7: 12(n-2), 9:
 * 4(n-2)(n-3). */
static void octahedra(void)
{
    static const int edges[] = {2, 3, 4, 5, 6, 8, 10, 12, 27, 34};
    static const int atoms[] = {6, 19, 44, 85, 146, 344, 670, 1156, 13131, 26214};
    for (int i = 0; i < 10; i++) {
        aet_particle_params p = defaults();
        int n = edges[i], cn[13];
        double nearest;
        p.size = n;
        aet_atoms *a = build(&p);
        T_CHECK(a->n == atoms[i]);
        T_CHECK(surface(a) == 4 * (n - 1) * (n - 1) + 2);
        if (n <= 8 && n > 2) {
            coordination(a, p.lattice_A, cn, &nearest);
            T_CHECK(cn[4] == 6 && cn[7] == 12 * (n - 2) && cn[9] == 4 * (n - 2) * (n - 3));
            T_NEAR(nearest, p.lattice_A / sqrt(2), 1e-12); /* rounding */
        }
        aet_atoms_free(&a);
    }
}

static void others(void)
{
    /* shape, size, atoms, atoms of CN 5 6 7 8 9 12 */
    static const struct {
        int shape;
        double size;
        int atoms, cn[6];
    } known[] = {
        {AET_SHAPE_TRUNCATED, 4, 38, {0, 24, 0, 0, 8, 6}},
        {AET_SHAPE_TRUNCATED, 7, 201, {0, 24, 36, 6, 56, 79}},
        {AET_SHAPE_TRUNCATED, 10, 586, {0, 24, 72, 24, 152, 314}},
        {AET_SHAPE_TRUNCATED, 13, 1289, {0, 24, 108, 54, 296, 807}},
        {AET_SHAPE_CUBOCTAHEDRON, 2, 13, {12, 0, 0, 0, 0, 1}},
        {AET_SHAPE_CUBOCTAHEDRON, 4, 147, {12, 0, 48, 24, 8, 55}},
        {AET_SHAPE_CUBOCTAHEDRON, 5, 309, {12, 0, 72, 54, 24, 147}},
        {AET_SHAPE_CUBOCTAHEDRON, 6, 561, {12, 0, 96, 96, 48, 309}},
        {AET_SHAPE_CUBE, 2, 14, {0, 0, 0, 0, 0, 0}},
        {AET_SHAPE_CUBE, 3, 63, {0, 0, 0, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        aet_particle_params p = defaults();
        int cn[13];
        double nearest;
        p.shape = known[i].shape;
        p.size = known[i].size;
        aet_atoms *a = build(&p);
        T_CHECK(a->n == known[i].atoms);
        coordination(a, p.lattice_A, cn, &nearest);
        static const int column[6] = {5, 6, 7, 8, 9, 12};
        for (int k = 0; k < 6 && known[i].shape != AET_SHAPE_CUBE; k++)
            T_CHECK(cn[column[k]] == known[i].cn[k]);
        aet_atoms_free(&a);
    }
    /* atom-centred balls: R / a and atoms */
    static const double radius[] = {0.708, 1.0, 1.225, 2.0, 3.0, 3.536};
    static const int atoms[] = {13, 19, 43, 141, 459, 767};
    for (int i = 0; i < 6; i++) {
        aet_particle_params p = defaults();
        p.shape = AET_SHAPE_SPHERE;
        p.lattice_A = 3.9;
        p.size = 2 * radius[i] * p.lattice_A;
        aet_atoms *a = build(&p);
        T_CHECK(a->n == atoms[i]);
        aet_atoms_free(&a);
    }
}

/* Counts are exact, differ in place between seeds and are the same for one seed. */
static void composition(void)
{
    aet_particle_params p = defaults();
    p.size = 8; /* 344 atoms */
    aet_atoms *a = build(&p), *b = build(&p);
    T_CHECK(aet_atoms_count(a, 28) == 138 && aet_atoms_count(a, 78) == 206); /* round(0.4 * 344) */
    T_CHECK(memcmp(a->species, b->species, (size_t)a->n) == 0);
    aet_atoms_free(&b);
    p.seed = 2;
    b = build(&p);
    T_CHECK(aet_atoms_count(b, 28) == 138);
    T_CHECK(memcmp(a->species, b->species, (size_t)a->n) != 0);
    aet_atoms_free(&a);
    aet_atoms_free(&b);

    snprintf(p.species, sizeof p.species, "Co,Pd,Pt");
    snprintf(p.fraction, sizeof p.fraction, "0.45,0.375");
    a = build(&p);
    T_CHECK(aet_atoms_count(a, 27) == 155 && aet_atoms_count(a, 46) == 129 &&
            aet_atoms_count(a, 78) == 60);
    aet_atoms_free(&a);
}

static int count_layer(const aet_atoms *a, int low, int high, int species)
{
    const aet_column *layer = aet_atoms_find_column(a, "layer");
    int n = 0;
    for (int i = 0; i < a->n; i++)
        n += layer->values[i] >= low && layer->values[i] <= high && a->species[i] == species;
    return n;
}

static void profiles(void)
{
    aet_particle_params p = defaults();
    p.size = 8; /* 344 atoms, 198 at the surface */
    p.surface_fraction = 0.1;
    aet_atoms *a = build(&p);
    T_CHECK(count_layer(a, 1, 1, 28) == 20 && count_layer(a, 1, 1, 78) == 178);
    T_CHECK(aet_atoms_count(a, 28) == 138);
    aet_atoms_free(&a);
    p.surface_fraction = 0.9; /* 178 Ni at the surface, but 138 in all */
    T_FAILS(aet_particle_build(&p, &a), AET_ERR_USAGE, "Ni would run out");

    p = defaults();
    p.size = 8;
    p.shell = 2; /* two layers off an octahedron of 8 leave one of 4: 44 atoms */
    snprintf(p.species, sizeof p.species, "Pd,Pt");
    snprintf(p.fraction, sizeof p.fraction, "1");
    a = build(&p);
    T_CHECK(aet_atoms_count(a, 46) == 44 && count_layer(a, 1, 2, 46) == 0);
    aet_atoms_free(&a);
}

static void displacement(void)
{
    aet_particle_params p = defaults();
    p.size = 14; /* 1834 atoms */
    aet_atoms *a = build(&p);
    p.displacement_A = 0.2;
    aet_atoms *b = build(&p);
    double sum = 0, mean[3] = {0}, n = a->n;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++) {
            double d = b->position_A[i][k] - a->position_A[i][k];
            sum += d * d;
            mean[k] += d / n;
        }
    /* 5502 normals: the rms has a relative error of 1/sqrt(2*5502) = 1 %, the mean one of
     * 0.2/sqrt(3 n) */
    T_NEAR(sqrt(sum / n), 0.2, 4 * 0.2 * 0.01);
    for (int k = 0; k < 3; k++)
        T_NEAR(mean[k], 0, 4 * 0.2 / sqrt(3 * n));
    aet_atoms_free(&a);
    aet_atoms_free(&b);
    p.displacement_A = 1.0;
    T_FAILS(aet_particle_build(&p, &a), AET_ERR_NUMERIC, "displacement_A = 1");
}

static void rotation(void)
{
    aet_particle_params p = defaults();
    int by_cn[13];
    double nearest, phi;
    p.size = 5;
    aet_atoms *a = build(&p);
    snprintf(p.rotate, sizeof p.rotate, "0,90,0"); /* x' = -z */
    aet_atoms *b = build(&p);
    for (int i = 0; i < a->n; i++) {
        T_NEAR(b->position_A[i][0], -a->position_A[i][2], 1e-12);
        T_NEAR(b->position_A[i][1], a->position_A[i][1], 1e-12);
    }
    aet_atoms_free(&b);
    snprintf(p.rotate, sizeof p.rotate, "random");
    b = build(&p);
    coordination(b, p.lattice_A, by_cn, &nearest);
    T_CHECK(by_cn[4] == 6 && by_cn[9] == 24);
    T_NEAR(nearest, p.lattice_A / sqrt(2), 1e-12);
    T_CHECK(aet_atoms_find_scalar(b, "rotate_phi_deg", &phi) && phi != 0);
    aet_atoms_free(&a);
    a = build(&p);
    T_CHECK(memcmp(a->position_A, b->position_A, (size_t)a->n * sizeof *a->position_A) == 0);
    aet_atoms_free(&a);
    p.seed = 7;
    a = build(&p);
    T_CHECK(memcmp(a->position_A, b->position_A, (size_t)a->n * sizeof *a->position_A) != 0);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

static void fails(const char *part, void (*spoil)(aet_particle_params *))
{
    aet_particle_params p = defaults();
    aet_atoms *a = NULL;
    spoil(&p);
    T_FAILS(aet_particle_build(&p, &a), AET_ERR_USAGE, part);
    T_CHECK(a == NULL);
}

static void half_atom(aet_particle_params *p)
{
    p->size = 4.5;
}
static void one_atom(aet_particle_params *p)
{
    p->size = 1;
}
static void deep_cut(aet_particle_params *p)
{
    p->shape = AET_SHAPE_TRUNCATED;
    p->cut = 9;
}
static void cut_cube(aet_particle_params *p)
{
    p->shape = AET_SHAPE_CUBE;
    p->cut = 1;
}
static void bad_element(aet_particle_params *p)
{
    snprintf(p->species, sizeof p->species, "Ni,Ptt");
}
static void few_fractions(aet_particle_params *p)
{
    snprintf(p->species, sizeof p->species, "Ni,Pd,Pt");
}
static void fat_fractions(aet_particle_params *p)
{
    snprintf(p->fraction, sizeof p->fraction, "1.2");
}
static void less_than_none(aet_particle_params *p)
{
    snprintf(p->fraction, sizeof p->fraction, "-0.1");
}
static void two_angles(aet_particle_params *p)
{
    snprintf(p->rotate, sizeof p->rotate, "10,20");
}
static void nan_angle(aet_particle_params *p)
{
    snprintf(p->rotate, sizeof p->rotate, "10,20,nan");
}
static void skin_of_three(aet_particle_params *p)
{
    few_fractions(p);
    snprintf(p->fraction, sizeof p->fraction, "0.3,0.3");
    p->surface_fraction = 0.5;
}
static void big_sphere(aet_particle_params *p)
{
    p->shape = AET_SHAPE_SPHERE;
    p->size = 2000;
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    octahedra();
    others();
    composition();
    profiles();
    displacement();
    rotation();
    fails("whole atoms along an edge", half_atom);
    fails("whole atoms along an edge", one_atom);
    fails("cannot lose 9 layers", deep_cut);
    fails("only for a truncated octahedron", cut_cube);
    fails("'Ptt'", bad_element);
    fails("expected 2 numbers", few_fractions);
    fails("more than 1", fat_fractions);
    fails("negative", less_than_none);
    fails("three angles", two_angles);
    fails("three angles", nan_angle);
    fails("two elements", skin_of_three);
    fails("too large a sphere", big_sphere);
    T_END();
}
