/* ranks: 1 */
/* Shapes, faults and vacancies of model particles. */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "particle_models.h"

/* Whether all atoms hang together. */
static bool connected(const aet_neighbours *nb)
{
    int *queue = AET_NEW(int, nb->n), head = 0, tail = 1;
    bool *seen = AET_NEW(bool, nb->n);
    seen[0] = true;
    while (head < tail)
        for (int64_t i = queue[head++], m = nb->start[i]; m < nb->start[i + 1]; m++)
            if (!seen[nb->index[m]]) {
                seen[nb->index[m]] = true;
                queue[tail++] = nb->index[m];
            }
    aet_release(&queue);
    aet_release(&seen);
    return tail == nb->n;
}

/* 200 seeds: every volume in the range, spread over all of it; one piece; no two alike. */
static void random_shapes(void)
{
    enum { SEEDS = 200 };
    aet_particle_params p = defaults();
    p.shape = AET_SHAPE_RANDOM;
    p.volume_low_A3 = 12000;
    p.volume_high_A3 = 19250;
    p.smooth_A = 1.5;
    int tenth[10] = {0}, before = 0, same = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
        p.seed = seed;
        aet_atoms *a = build(&p);
        double volume = scalar(a, "body_volume_A3"), atoms_A3 = a->n * pow(p.lattice_A, 3) / 4;
        T_CHECK(volume >= p.volume_low_A3 && volume <= p.volume_high_A3);
        /* the volume is counted to 0.2 %; some 300 of 1000 atoms lie at the surface, whose chance
         * to be in or out leaves sqrt(300)/2 = 9 of them: 4 sigma */
        T_NEAR(atoms_A3 / volume, 1, 0.04);
        int bin = (int)(10 * (volume - p.volume_low_A3) / (p.volume_high_A3 - p.volume_low_A3));
        tenth[bin < 0 ? 0 : bin > 9 ? 9 : bin]++;
        aet_neighbours *nb = link_atoms(a, 0.8536 * p.lattice_A);
        T_CHECK(connected(nb));
        aet_neighbours_free(&nb);
        same += a->n == before;
        before = a->n;
        aet_atoms_free(&a);
    }
    for (int k = 0; k < 10; k++)
        T_CHECK(tenth[k] >= 4); /* 20 expected: below 4 with a chance of 1e-5 */
    T_CHECK(same < 10);
}

/* What the environment of an atom is by its common neighbours (Honeycutt and Andersen, J. Phys.
 * Chem. 91, 4950 (1987)): every bond of fcc has 4 common neighbours with 2 bonds of two different
 * pairs (421), half of the bonds of hcp have two bonds in a row (422).  'f', 'h' or '-'. */
static bool near(const aet_neighbours *nb, int i, int k)
{
    for (int64_t m = nb->start[i]; m < nb->start[i + 1]; m++)
        if (nb->index[m] == k)
            return true;
    return false;
}

static char environment(const aet_neighbours *nb, int i)
{
    int of_421 = 0, of_422 = 0;
    if (aet_neighbours_count(nb, i) != 12)
        return '-';
    for (int64_t m = nb->start[i]; m < nb->start[i + 1]; m++) {
        int k = nb->index[m], common[12], n = 0, bonds = 0, ends[12] = {0}, chain = 0;
        for (int64_t q = nb->start[i]; q < nb->start[i + 1]; q++)
            if (near(nb, k, nb->index[q]))
                common[n++] = nb->index[q];
        for (int u = 0; u < n; u++)
            for (int v = 0; v < u; v++)
                if (near(nb, common[u], common[v])) {
                    bonds++;
                    ends[u]++;
                    ends[v]++;
                }
        for (int u = 0; u < n; u++)
            chain += ends[u] > 1;
        of_421 += n == 4 && bonds == 2 && chain == 0;
        of_422 += n == 4 && bonds == 2 && chain == 1;
    }
    return of_421 == 12 ? 'f' : of_421 == 6 && of_422 == 6 ? 'h' : '-';
}

/* Height along [111] in layers, for models that are not turned; `middle` as for layer 0. */
static double height(const aet_atoms *a, int i, double lattice_A)
{
    const double *r = a->position_A[i];
    return (r[0] + r[1] + r[2]) / lattice_A;
}

/* Layers in which all inner atoms are hcp-like, lowest first; every other inner atom is fcc. */
static int hcp_layers(const aet_atoms *a, double lattice_A, double offset, int at[8])
{
    aet_neighbours *nb = link_atoms(a, 0.8536 * lattice_A);
    int count[2][801] = {{0}}, n = 0;
    for (int i = 0; i < a->n; i++) {
        char kind = environment(nb, i);
        double h = height(a, i, lattice_A) - offset;
        T_NEAR(h, rint(h), 1e-9); /* rounding: all lie in layers */
        T_CHECK(kind != '-' || aet_neighbours_count(nb, i) < 12);
        if (kind != '-')
            count[kind == 'h'][(int)rint(h) + 400]++;
    }
    for (int l = 0; l < 801; l++) {
        T_CHECK(count[0][l] == 0 || count[1][l] == 0);
        if (count[1][l] > 0 && n < 8)
            at[n++] = l - 400;
    }
    aet_neighbours_free(&nb);
    return n;
}

static void faults(void)
{
    static const struct {
        int fault, layer, n, at[2];
    } known[] = {{AET_FAULT_NONE, 0, 0, {0, 0}},       {AET_FAULT_TWIN, 0, 1, {0, 0}},
                 {AET_FAULT_TWIN, 3, 1, {3, 0}},       {AET_FAULT_INTRINSIC, 0, 2, {-1, 0}},
                 {AET_FAULT_EXTRINSIC, 0, 2, {-1, 1}}, {AET_FAULT_EXTRINSIC, -2, 2, {-3, -1}}};
    for (size_t c = 0; c < sizeof known / sizeof *known; c++) {
        aet_particle_params p = defaults();
        int at[8] = {0};
        p.shape = AET_SHAPE_SPHERE;
        p.size = 38;
        p.fault = known[c].fault;
        p.fault_layer = known[c].layer;
        aet_atoms *a = build(&p);
        T_CHECK(hcp_layers(a, p.lattice_A, 0, at) == known[c].n);
        for (int k = 0; k < known[c].n; k++)
            T_CHECK(at[k] == known[c].at[k]);
        /* as dense as the perfect crystal, but for the atoms that its shells leave out or take in */
        T_NEAR(a->n / (4 / pow(p.lattice_A, 3) * AET_PI / 6 * pow(p.size, 3)), 1, 0.03);
        aet_atoms_free(&a);
    }
}

/* A dumbbell of equal lobes with a twin is its own mirror image; with a neck; off the twin it is
 * not. */
static int unmirrored(const aet_atoms *a)
{
    aet_cells *cells = NULL;
    int lost = 0;
    T_OK(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0, &cells));
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        double up = 2 * (r[0] + r[1] + r[2]) / 3, m[3] = {r[0] - up, r[1] - up, r[2] - up};
        lost += aet_cells_nearest(cells, m, 1e-6, -1, NULL) < 0;
    }
    aet_cells_free(&cells);
    return lost;
}

static void dumbbells(void)
{
    aet_particle_params p = defaults();
    int at[8], thin = 0, thick = 0;
    p.shape = AET_SHAPE_DUMBBELL;
    p.size = 30;
    p.distance_A = 26;
    p.smooth_A = 1;
    p.fault = AET_FAULT_TWIN;
    aet_atoms *a = build(&p);
    T_CHECK(unmirrored(a) == 0);
    T_CHECK(hcp_layers(a, p.lattice_A, 0, at) == 1 && at[0] == 0);
    double neck_A = 0, lobe_A = 0;
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        double h = height(a, i, p.lattice_A) * p.lattice_A / sqrt(3);
        double off = sqrt(fmax(0, r[0] * r[0] + r[1] * r[1] + r[2] * r[2] - h * h));
        if (fabs(h) < 1.2) {
            thin++;
            neck_A = fmax(neck_A, off);
        }
        if (fabs(h - 13) < 1.2) {
            thick++;
            lobe_A = fmax(lobe_A, off);
        }
    }
    /* the spheres meet in a circle of sqrt(15^2 - 13^2) = 7.5 A, 0.7 A more where they flow */
    T_CHECK(thin > 0 && thick > 2 * thin);
    T_CHECK(neck_A > 6 && neck_A < 10.5 && lobe_A > 13 && lobe_A < 15.7);
    aet_atoms_free(&a);
    p.fault = AET_FAULT_NONE;
    a = build(&p);
    T_CHECK(unmirrored(a) > a->n / 2);
    aet_atoms_free(&a);
    p.size_b = 20; /* two balls that overlap: their volumes less the lens */
    p.smooth_A = 0.1;
    double R = 15, q = 10, d = 26 - 2;
    p.distance_A = d;
    a = build(&p);
    double lens = AET_PI * pow(R + q - d, 2) *
                  (d * d + 2 * d * q - 3 * q * q + 2 * d * R + 6 * q * R - 3 * R * R) / (12 * d);
    double want = 4 * AET_PI / 3 * (R * R * R + q * q * q) - lens;
    T_NEAR(scalar(a, "body_volume_A3") / want, 1, 0.005); /* counted points */
    for (int k = 0; k < 3; k++) {
        double mean = 0;
        for (int i = 0; i < a->n; i++)
            mean += a->position_A[i][k] / a->n;
        T_NEAR(mean, 0, 1e-10);
    }
    aet_atoms_free(&a);
}

/* Hollow faces: the edges of the octahedron stay, its faces sink, all 48 symmetries stay. */
static void concave(void)
{
    aet_particle_params p = defaults();
    p.size = 17;
    aet_atoms *whole = build(&p), *a;
    int before = whole->n;
    p.shape = AET_SHAPE_CONCAVE;
    for (p.dent = 1; p.dent <= 6; p.dent++) {
        a = build(&p);
        int edge = 0;
        double top = 0, half = p.lattice_A / 2;
        aet_cells *cells = NULL;
        T_OK(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0, &cells));
        for (int i = 0; i < a->n; i++) {
            const double *r = a->position_A[i];
            const double image[3] = {-r[1], r[2], r[0]};
            double x = fabs(r[0]) / half, y = fabs(r[1]) / half, z = fabs(r[2]) / half;
            edge += x + y + z > 16 - 1e-9 && fmin(x, fmin(y, z)) < 1e-9;
            if (fmax(x, fmax(y, z)) - fmin(x, fmin(y, z)) < 2.5) /* about the middle of a face */
                top = fmax(top, x + y + z);
            T_CHECK(aet_cells_nearest(cells, image, 1e-9, -1, NULL) >= 0);
        }
        aet_cells_free(&cells);
        T_CHECK(edge == 12 * 15 + 6); /* atoms on the edges of the octahedron */
        T_CHECK(a->n < before);
        T_NEAR(top, 16 - 2 * p.dent, 2); /* {111} layers are 2 apart in the sum */
        before = a->n;
        aet_atoms_free(&a);
    }
    aet_atoms_free(&whole);
}

static void vacancies(void)
{
    aet_particle_params p = defaults();
    p.size = 14; /* 1834 sites */
    aet_atoms *whole = build(&p);
    p.vacancies = 0.05;
    aet_atoms *a = build(&p);
    T_CHECK(whole->n == 1834 && a->n == 1834 - 92); /* round(0.05 * 1834) */
    aet_cells *cells = NULL;
    T_OK(aet_cells_create(whole->n, (const double(*)[3])whole->position_A, 0, &cells));
    const aet_column *layer = aet_atoms_find_column(a, "layer"),
                     *all = aet_atoms_find_column(whole, "layer");
    int inner = 0;
    for (int i = 0; i < a->n; i++) { /* the others have not moved, nor become surface */
        int k = aet_cells_nearest(cells, a->position_A[i], 1e-9, -1, NULL);
        T_CHECK(k >= 0 && layer->values[i] == all->values[k]);
        inner += layer->values[i] > 1;
    }
    T_CHECK(inner < 1834 - 678); /* some of the 678 at the surface, some inside are gone */
    T_CHECK(a->n - inner < 678);
    aet_cells_free(&cells);
    aet_atoms_free(&a);
    p.seed = 2;
    a = build(&p);
    T_CHECK(a->n == 1834 - 92);
    aet_atoms_free(&a);
    aet_atoms_free(&whole);
}

static void fails(aet_err code, const char *part, aet_particle_params p)
{
    aet_atoms *a = NULL;
    T_FAILS(aet_particle_build(&p, &a), code, part);
    T_CHECK(a == NULL);
}

static void hostile(void)
{
    aet_particle_params p = defaults();
    p.fault = AET_FAULT_TWIN;
    fails(AET_ERR_USAGE, "needs the shape sphere", p);
    p = defaults();
    p.dent = 2;
    fails(AET_ERR_USAGE, "only for a concave octahedron", p);
    p.shape = AET_SHAPE_CONCAVE;
    p.dent = 5;
    fails(AET_ERR_USAGE, "at most 4.4", p);
    p = defaults();
    p.size_b = 20;
    fails(AET_ERR_USAGE, "only for a dumbbell", p);
    p.shape = AET_SHAPE_DUMBBELL;
    p.size = 30;
    p.distance_A = 26;
    fails(AET_ERR_USAGE, "do not touch", p);
    p.distance_A = 4;
    fails(AET_ERR_USAGE, "inside the other", p);
    p = defaults();
    p.shape = AET_SHAPE_SPHERE;
    p.structure = AET_STRUCTURE_AMORPHOUS;
    p.size = 2;
    p.density = 0.1;
    fails(AET_ERR_USAGE, "no atom lies in the particle", p);
    p = defaults();
    p.shape = AET_SHAPE_RANDOM;
    p.volume_low_A3 = 2e5;
    fails(AET_ERR_USAGE, "more than particle.volume_high_A3", p);
    p = defaults();
    p.structure = AET_STRUCTURE_AMORPHOUS;
    p.distance_min_A = 2.7;
    fails(AET_ERR_USAGE, "at this density", p);
    p.distance_min_A = 2;
    p.fault = AET_FAULT_TWIN;
    fails(AET_ERR_USAGE, "only in a crystal", p);
    p.fault = AET_FAULT_NONE;
    p.shell = 1;
    fails(AET_ERR_USAGE, "has no layers", p);
    p.shell = 0;
    p.surface_relaxation = 1;
    fails(AET_ERR_USAGE, "need structure = fcc", p);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    random_shapes();
    faults();
    dumbbells();
    concave();
    vacancies();
    hostile();
    T_END();
}
