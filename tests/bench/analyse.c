/* ranks: 1 2 */
/* Analysis of a particle of 26214 atoms (an octahedron with 34 along an edge): neighbours and pair distances
 * through cells against all pairs, and the whole analysis against 20 s, with where its time goes; the same of the published amorphous Pd particle of 76,237 atoms, where the
 * data are, against 90 s.  With a FILE of atoms: where the time of its analysis goes, no more (analyse_peers.sh). */
#include "aetlas/analyse/analyse.h"
#include "aetlas/analyse/mesh.h"
#include "aetlas/analyse/pair.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/io/load.h"
#include "aetlas/io/nouns.h"
#include "aetlas/num/hull.h"
#include "analyse/analyse_priv.h"
#include "bench.h"
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EDGE = 34 };

static aet_atoms *particle(void)
{
    aet_atoms *a = NULL;
    int n = 0;
    B_OK(aet_atoms_create(EDGE * (2 * EDGE * EDGE + 1) / 3, &a));
    aet_rng key = {.seed = 1, .purpose = AET_RNG_TEST};
    for (int l = 1 - EDGE; l < EDGE; l++)
        for (int k = 1 - EDGE; k < EDGE; k++)
            for (int h = 1 - EDGE; h < EDGE; h++) {
                if (abs(h) + abs(k) + abs(l) >= EDGE || (h + k + l + EDGE - 1) % 2 != 0)
                    continue;
                double z[4];
                aet_rng_normal4(key, (uint64_t)n, z);
                const int site[3] = {h, k, l};
                for (int c = 0; c < 3; c++)
                    a->position_A[n][c] = 1.92 * site[c] + 0.12 * z[c];
                a->species[n++] = z[3] < 0.25 ? 28 : 78;
            }
    return a;
}

/* Coordinates one after the other, so that the loops over all pairs vectorise as well. */
typedef struct {
    int n;
    double *x, *y, *z;
} plain;

static plain plain_of(const aet_atoms *a)
{
    plain p = {a->n, AET_NEW(double, a->n), AET_NEW(double, a->n), AET_NEW(double, a->n)};
    for (int i = 0; i < a->n; i++) {
        p.x[i] = a->position_A[i][0];
        p.y[i] = a->position_A[i][1];
        p.z[i] = a->position_A[i][2];
    }
    return p;
}

/* Neighbours of each point among all others; gives their number. */
static int64_t all_neighbours(const plain *p, double r, int *list)
{
    int64_t n = 0;
    for (int i = 0; i < p->n; i++) {
        double x = p->x[i], y = p->y[i], z = p->z[i];
        for (int j = 0; j < p->n; j++) {
            double dx = p->x[j] - x, dy = p->y[j] - y, dz = p->z[j] - z;
            if (dx * dx + dy * dy + dz * dz <= r * r && j != i)
                list[n++] = j;
        }
    }
    return n;
}

static void all_distances(const plain *p, double width, int bins, int64_t *counts)
{
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j < i; j++) {
            double dx = p->x[j] - p->x[i], dy = p->y[j] - p->y[i], dz = p->z[j] - p->z[i];
            double bin = sqrt(dx * dx + dy * dy + dz * dz) * (1.0 / width);
            if (bin < bins)
                counts[(int)bin]++;
        }
}

static void cell_neighbours(const aet_atoms *a, double r, int64_t *n)
{
    aet_cells *cells = NULL;
    aet_neighbours *nb = NULL;
    B_OK(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0.5 * r, &cells));
    B_OK(aet_neighbours_find(cells, r, &nb));
    *n = nb->start[a->n];
    aet_neighbours_free(&nb);
    aet_cells_free(&cells);
}

static void cell_distances(const aet_atoms *a, double width, int bins, aet_pairs *pairs)
{
    aet_cells *cells = NULL;
    uint8_t *kind = AET_NEW(uint8_t, a->n);
    B_OK(aet_cells_create(a->n, (const double(*)[3])a->position_A, 1.7, &cells));
    B_OK(aet_pairs_count(MPI_COMM_WORLD, cells, kind, 1, width * bins, width, pairs));
    aet_cells_free(&cells);
    aet_release(&kind);
}

static void analyse(const aet_atoms *a)
{
    aet_atoms *copy = NULL;
    aet_analyse_params params;
    B_OK(aet_config_load(NULL, &aet_analyse_table, &params));
    B_OK(aet_atoms_copy(a, &copy));
    B_OK(aet_analyse(MPI_COMM_WORLD, copy, &params));
    aet_atoms_free(&copy);
}

/* Processor seconds of each step on one rank: what other programs do at the same time matters less. */
static double cpu_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* What the step "shape" is made of; gives the seconds of the triangulation alone. */
static double split_shape(const aet_atoms *a, double alpha_A, const char *of)
{
    const double(*x)[3] = (const double(*)[3])a->position_A;
    double *distance = AET_NEW(double, a->n), t[4];
    aet_delaunay *d = NULL;
    aet_mesh *m = NULL;
    t[0] = cpu_s();
    B_OK(aet_delaunay_create(a->n, x, &d));
    t[1] = cpu_s();
    B_OK(aet_mesh_create(a->n, x, alpha_A, &m));
    t[2] = cpu_s();
    B_OK(aet_mesh_distances(m, a->n, x, distance));
    t[3] = cpu_s();
    if (b_rank == 0)
        printf("%s: of shape, triangulation = %.3f s\n%s: of shape, mesh distances = %.3f s\n", of,
               t[1] - t[0], of, t[3] - t[2]);
    aet_delaunay_free(&d);
    aet_mesh_free(&m);
    aet_release(&distance);
    return t[1] - t[0];
}

static void split(const aet_atoms *a, const char *of)
{
    aet_analyse_params params;
    aet_atoms *copy = NULL;
    analysis m = {.params = &params};
    B_OK(aet_config_load(NULL, &aet_analyse_table, &params));
    B_OK(aet_atoms_copy(a, &copy));
    m.a = copy;
    double start_s = cpu_s(), begin_s = start_s, most_s = 0.0, all_s, alpha_A = 0.0;
    B_OK(analyse_prepare(&m));
    B_OK(aet_pairs_count(MPI_COMM_WORLD, m.cells, m.kind, m.n_species, params.pair_range_A,
                         params.pair_bin_A, &m.pairs));
    if (b_rank == 0)
        printf("%s: pairs = %.3f s\n", of, cpu_s() - start_s);
    for (const analyse_step *s = analyse_steps; s->run; s++) {
        start_s = cpu_s();
        B_OK(s->run(&m));
        if (b_rank == 0)
            printf("%s: %s = %.3f s\n", of, s->name, cpu_s() - start_s);
        if (s->run != analyse_shape)
            most_s = fmax(most_s, cpu_s() - start_s);
    }
    all_s = cpu_s() - begin_s;
    if (b_rank == 0)
        printf("%s: %d atoms, all = %.3f s\n", of, copy->n, all_s);
    if (aet_atoms_find_scalar(copy, "alpha_A", &alpha_A)) {
        double delaunay_s = split_shape(a, alpha_A, of);
        if (b_rank == 0)
            printf("ratio %s_triangulation = %.3g   (against the longest other step, %.3f s)\n", of,
                   delaunay_s / most_s, most_s);
    }
    analyse_release(&m);
    aet_atoms_free(&copy);
}

/* On all ranks, by the clock, against the seconds it may take. */
static void whole(const aet_atoms *a, const char *name, double limit_s)
{
    double ours;
    B_TIME(ours, 2, analyse(a));
    if (b_rank == 0)
        printf("ratio analyse_%s = %.3g   (%d atoms in %.2f s by the clock; wanted: %g s) [target "
               "1]\n",
               name, limit_s / ours, a->n, ours, limit_s);
}

static void amorphous(void)
{
    const char *data = getenv("AETLAS_DATA");
    char path[512];
    aet_atoms *a = NULL;
    const aet_load_atoms_options o = {.n_species = 1, .species = {46}, .merge_below_A = 1.0};
    (void)snprintf(path, sizeof path, "%s/pd_amorphous/Final_atomic_model_Pd2_nanoparticle.mat",
                   data ? data : "../shared/data");
    if (access(path, R_OK) != 0) {
        if (b_rank == 0)
            printf("skipped: no %s\n", path);
        return;
    }
    B_OK(aet_load_atoms(MPI_COMM_WORLD, path, &o, &a));
    whole(a, "amorphous", 90.0);
    split(a, "amorphous");
    aet_atoms_free(&a);
}

static void file(const char *path)
{
    aet_atoms *a = NULL;
    B_OK(aet_atoms_read(MPI_COMM_WORLD, path, &a));
    split(a, "file");
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    enum { BINS = 240 };
    static int64_t counts[BINS];
    double ours, brute;
    B_START(argc, argv);
    if (argc > 1) {
        file(argv[1]);
        B_END();
    }
    aet_atoms *a = particle();
    plain p = plain_of(a);
    int *list = AET_NEW(int, 40 * a->n);
    int64_t found = 0, wanted = 0;
    B_TIME(ours, 5, cell_neighbours(a, 3.28, &found));
    B_TIME(brute, 1, wanted = all_neighbours(&p, 3.28, list));
    B_RATIO("neighbours", ours, brute, "neighbour lists within 3.28 A, cells against all pairs");
    whole(a, "octahedron", 20.0);
    split(a, "octahedron");
    amorphous();

    aet_pairs pairs = {0};
    B_TIME(ours, 3, (aet_pairs_free(&pairs), cell_distances(a, 0.05, BINS, &pairs)));
    B_TIME(brute, 1, all_distances(&p, 0.05, BINS, counts));
    B_RATIO("pair_distances", ours, brute, "pair distances up to 12 A, cells against all pairs");
    bool same = found == wanted && memcmp(counts, pairs.pairs, sizeof counts) == 0;
    if (b_rank == 0)
        printf("atoms = %d\nsame_answers = %s\n", a->n, same ? "yes" : "no");
    aet_pairs_free(&pairs);
    aet_release(&list);
    aet_release(&p.x);
    aet_release(&p.y);
    aet_release(&p.z);
    aet_atoms_free(&a);
    B_END();
}
