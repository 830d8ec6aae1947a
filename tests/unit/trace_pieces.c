/* ranks: 1 3 */
/* Candidates without a threshold: pieces, the level that explains the volume best, and which atoms
 * at the surface are held. */
#include "test.h"
#include "trace_volumes.h"

#include "aetlas/base/rng.h"
#include "trace/detect_priv.h"

enum { MAX = 400, SIZE = 72 };
static blob b[MAX];

/* The fcc sites of a ball: `radius` in units of half the cube edge, about voxel `centre`. */
static int ball(double edge, double radius, double centre, blob *out)
{
    int n = 0, reach = (int)radius + 1;
    for (int h = -reach; h <= reach; h++)
        for (int k = -reach; k <= reach; k++)
            for (int l = -reach; l <= reach; l++) {
                if ((h + k + l) % 2 || h * h + k * k + l * l > radius * radius)
                    continue;
                int site[3] = {h, k, l};
                out[n] = (blob){{0}, 1.0, 1.9, 0};
                for (int a = 0; a < 3; a++)
                    out[n].at[a] = centre + 0.1 * a + 0.5 * edge * site[a];
                n++;
            }
    return n;
}

/* Two touching blobs and one apart: three pieces, whose centres of mass are the blobs' places. */
static void test_pieces(void)
{
    blob three[3] = {
        {{12, 12, 12}, 1.0, 2.0, 0}, {{18.5, 12, 12}, 1.0, 2.0, 0}, {{12, 28, 16}, 0.8, 2.0, 0}};
    aet_volume *v = paint(MPI_COMM_SELF, 32, 40, 32, 3, three);
    aet_grid g = {32, 40, 32, v->density};
    aet_piece *p = NULL;
    int n = 0;
    double whole, part;
    T_OK(aet_pieces_find(&g, 0.3, 5, 2, &p, &n));
    T_CHECK(n == 3);
    for (int i = 0; i < n; i++)
        for (int a = 0; a < 3; a++) /* the two that touch are cut half-way: their flanks pull */
            T_NEAR(p[i].at[a], three[i].at[a], i < 2 ? 0.3 : 0.02);
    /* A ball out to where the Gaussian has fallen to the level; its 90 voxels are whole ones. */
    T_NEAR(p[2].radius, 2.0 * sqrt(2 * log(0.8 / 0.3)), 0.15);
    for (int i = 0; i < n; i++)
        memcpy(p[i].at, three[i].at, sizeof p[i].at);
    T_OK(aet_pieces_correlation(&g, p, n, 2.0, &whole));
    T_CHECK(whole > 0.99); /* heights of 1 and 0.8 */
    T_OK(aet_pieces_correlation(&g, p, 2, 2.0, &part));
    T_CHECK(part < whole - 0.05);
    T_OK(aet_pieces_correlation(&g, p, 0, 2.0, &part));
    T_CHECK(part == 0);
    aet_release(&p);
    T_OK(aet_pieces_find(&g, 2.0, 5, 2, &p, &n));
    T_CHECK(n == 0);
    aet_release(&p);
    aet_volume_free(&v);
}

/* A ball of 249 sites with three atoms far out: two that touch nothing go whatever their size; one on
 * a facet, with three neighbours, goes only if it is small as well. */
static void test_held(void)
{
    static aet_piece p[MAX];
    static bool keep[MAX];
    int n = ball(10, 5, 0, b), bound;
    double out[3][3] = {{35, 0, 0}, {0, 40, 0}, {0, 0, 0}};
    for (int i = 0; i < n + 3; i++) {
        memcpy(p[i].at, i < n ? b[i].at : out[i - n], sizeof p[i].at);
        p[i].radius = 2;
    }
    T_OK(aet_pieces_held(n + 2, p, 2, keep, &bound));
    T_CHECK(bound >= 3 && bound <= 6);
    for (int i = 0; i < n; i++)
        T_CHECK(keep[i]);
    T_CHECK(!keep[n] && !keep[n + 1]);
    /* the same without them: nothing to drop */
    T_OK(aet_pieces_held(n, p, 2, keep, &bound));
    for (int i = 0; i < n; i++)
        T_CHECK(keep[i]);
}

/* A particle of about 300 atoms in noise, on specks of a tenth to a third of an atom's height around
 * it: all atoms are found and no speck, without any threshold given. */
static void test_small_particle(void)
{
    int z[1] = {78}, n = ball(11, 5.2, 36, b), first = n;
    aet_trace_params p = defaults();
    aet_trace_report r;
    aet_atoms *a = NULL;
    double worst = 0, error;
    aet_rng key = {61, 0, AET_RNG_TEST};
    for (int i = 0; i < 40; i++) {
        double u[4], d2 = 0;
        aet_rng_uniform4(key, (unsigned)i, u);
        b[n] = (blob){{4 + 64 * u[0], 4 + 64 * u[1], 4 + 64 * u[2]}, 0.1 + 0.2 * u[3], 1.5, 0};
        for (int k = 0; k < 3; k++)
            d2 += pow(b[n].at[k] - 36, 2);
        n += d2 > 36 * 36;
    }
    T_CHECK(first > 240 && first < 330 && n > first + 8);
    aet_volume *v = paint(MPI_COMM_WORLD, SIZE, SIZE, SIZE, n, b);
    aet_rng noise = {62, 0, AET_RNG_TEST};
    int64_t offset = (int64_t)v->slab.start * SIZE * SIZE;
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        v->density[i] += 0.05f * (float)(aet_rng_uniform(noise, (unsigned)(offset + i)) - 0.5);
    p.detect = AET_TRACE_PIECES;
    p.boundary = false;
    p.nonatoms = AET_TRACE_NEVER;
    T_OK(aet_trace(v, z, 1, &p, &a, &r));
    T_CHECK(a && a->n == first);
    for (int i = 0; a && i < first; i++) {
        nearest_atom(a, v, &b[i], &error);
        worst = fmax(worst, error);
    }
    T_NEAR(worst, 0.0, 0.1); /* noise of 1.4 % of the height in boxes of 125 voxels: 0.02 A */
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_pieces();
    test_held();
    test_small_particle();
    T_END();
}
