/* Bonds of nearest neighbours as equal springs (the harmonic limit of any pair potential; Keating,
 * Phys. Rev. 145, 637 (1966), without its angles, which a close-packed crystal does not need).  A
 * random alloy then has the mean lattice constant of Vegard's law, with the scatter of its bonds,
 * and shells of another composition are strained as far as the rest holds them.
 *
 * The least of sum (|r_k - r_i| - length)^2 is found by Gauss-Newton steps: with the directions of
 * the bonds held, the displacements solve a linear least-squares problem, by conjugate gradients on
 * its normal equations (Hestenes and Stiefel, J. Res. NBS 49, 409 (1952)).  They begin at zero, so
 * nothing drifts or turns as a whole, and atoms too loosely bound to be fixed stay where they are. */
#include "relax.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include <math.h>
#include <string.h>

enum { ROUNDS = 3, ITERATIONS = 1000 };
#define REST 1e-4 /* of the first force: some 1e-5 A, for strains of a few percent */

typedef struct {
    int from, to;
    double length, along[3]; /* wanted; unit vector from -> to */
} bond;

typedef struct {
    int n;
    int64_t n_bonds;
    bond *bonds;
    double (*move)[3], (*force)[3], (*search)[3], (*image)[3];
} network;

static void network_free(network *w)
{
    aet_release(&w->bonds);
    aet_release(&w->move);
    aet_release(&w->force);
    aet_release(&w->search);
    aet_release(&w->image);
}

/* Outward normal at an atom of the surface: away from its neighbours.  False where they balance. */
static bool outward(const aet_sites *s, const double (*r)[3], int i, double normal[3])
{
    double sum[3] = {0}, length = 0;
    for (int64_t m = s->near->start[i]; m < s->near->start[i + 1]; m++)
        for (int c = 0; c < 3; c++)
            sum[c] -= r[s->near->index[m]][c] - r[i][c];
    for (int c = 0; c < 3; c++)
        length += sum[c] * sum[c];
    length = sqrt(length);
    for (int c = 0; c < 3; c++)
        normal[c] = length > 0 ? sum[c] / length : 0;
    return length > 0;
}

/* Factor of the length of bond i -> k when its part along the normal changes by `part`. */
static double shortened(const double (*r)[3], int i, int k, const double normal[3], double part)
{
    double d2 = 0, up = 0;
    for (int c = 0; c < 3; c++) {
        double d = r[k][c] - r[i][c];
        d2 += d * d;
        up += d * normal[c];
    }
    return sqrt(1 + ((1 + part) * (1 + part) - 1) * up * up / d2);
}

/* The end of a bond that lies in the outermost layer when the other lies in the next; else -1. */
static int outer_end(const aet_sites *s, int i, int k)
{
    if (s->layer[i] == 1 && s->layer[k] == 2)
        return i;
    return s->layer[k] == 1 && s->layer[i] == 2 ? k : -1;
}

static void set_lengths(const aet_sites *s, const uint8_t *species, const double *constant_A,
                        double mean_A, double part, const double (*r)[3], network *w)
{
    double normal[3];
    for (int i = 0; i < s->n; i++)
        for (int64_t m = s->near->start[i]; m < s->near->start[i + 1]; m++) {
            int k = s->near->index[m], outer = outer_end(s, i, k);
            if (k < i)
                continue;
            double a = constant_A ? (constant_A[species[i]] + constant_A[species[k]]) / 2 : mean_A;
            if (part != 0 && outer >= 0 && outward(s, r, outer, normal))
                a *= shortened(r, i, k, normal, part);
            w->bonds[w->n_bonds++] = (bond){.from = i, .to = k, .length = a / M_SQRT2};
        }
}

/* The transpose: what the bonds pull at their ends, by how much each is too short. */
static void pull(const network *w, double (*force)[3], const double *by, int64_t m)
{
    const bond *b = &w->bonds[m];
    for (int c = 0; c < 3; c++) {
        force[b->from][c] -= *by * b->along[c];
        force[b->to][c] += *by * b->along[c];
    }
}

static double stretch(const bond *b, const double (*move)[3])
{
    double d = 0;
    for (int c = 0; c < 3; c++)
        d += b->along[c] * (move[b->to][c] - move[b->from][c]);
    return d;
}

static double dot(int n, const double (*a)[3], const double (*b)[3])
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i][0] * b[i][0] + a[i][1] * b[i][1] + a[i][2] * b[i][2];
    return sum;
}

/* Directions of the bonds as they are; the forces of those too long or too short. */
static void begin_round(network *w, const double (*r)[3])
{
    size_t bytes = (size_t)w->n * sizeof *w->move;
    memset(w->force, 0, bytes);
    memset(w->move, 0, bytes);
    for (int64_t m = 0; m < w->n_bonds; m++) {
        bond *b = &w->bonds[m];
        double d2 = 0;
        for (int c = 0; c < 3; c++) {
            b->along[c] = r[b->to][c] - r[b->from][c];
            d2 += b->along[c] * b->along[c];
        }
        double d = sqrt(d2), lack = b->length - d;
        for (int c = 0; c < 3; c++)
            b->along[c] /= d;
        pull(w, w->force, &lack, m);
    }
    memcpy(w->search, w->force, bytes);
}

/* The moves that bring all forces below `rest` (squared). */
static void solve(network *w, double rest)
{
    double now = dot(w->n, (const double(*)[3])w->force, (const double(*)[3])w->force);
    for (int t = 0; t < ITERATIONS && now > rest; t++) {
        memset(w->image, 0, (size_t)w->n * sizeof *w->image);
        for (int64_t m = 0; m < w->n_bonds; m++) {
            double by = stretch(&w->bonds[m], (const double(*)[3])w->search);
            pull(w, w->image, &by, m);
        }
        double step = now / dot(w->n, (const double(*)[3])w->search, (const double(*)[3])w->image);
        for (int i = 0; i < w->n; i++)
            for (int c = 0; c < 3; c++) {
                w->move[i][c] += step * w->search[i][c];
                w->force[i][c] -= step * w->image[i][c];
            }
        double next = dot(w->n, (const double(*)[3])w->force, (const double(*)[3])w->force);
        for (int i = 0; i < w->n; i++)
            for (int c = 0; c < 3; c++)
                w->search[i][c] = w->force[i][c] + next / now * w->search[i][c];
        now = next;
    }
}

static aet_err network_create(const aet_sites *s, network *w)
{
    *w = (network){.n = s->n};
    AET_TRY(AET_ARRAY(s->near->start[s->n] / 2, "bonds of a particle", &w->bonds));
    AET_TRY(AET_ARRAY(s->n, "moves of atoms", &w->move));
    AET_TRY(AET_ARRAY(s->n, "forces on atoms", &w->force));
    AET_TRY(AET_ARRAY(s->n, "moves of atoms", &w->search));
    return AET_ARRAY(s->n, "forces on atoms", &w->image);
}

aet_err aet_relax(const aet_sites *s, const uint8_t *species, const double *constant_A,
                  double mean_A, double surface_percent, double (*r_A)[3])
{
    aet_err err = AET_OK;
    network w = {0};
    double first = 0;
    AET_GO(network_create(s, &w));
    set_lengths(s, species, constant_A, mean_A, surface_percent / 100, (const double(*)[3])r_A, &w);
    for (int round = 0; round < ROUNDS; round++) {
        begin_round(&w, (const double(*)[3])r_A);
        if (round == 0)
            first = dot(w.n, (const double(*)[3])w.force, (const double(*)[3])w.force);
        solve(&w, REST * REST * first);
        for (int i = 0; i < w.n; i++)
            for (int c = 0; c < 3; c++)
                r_A[i][c] += w.move[i][c];
    }
done:
    network_free(&w);
    return err;
}

aet_err aet_vegard_read(const aet_particle_params *p, int n, const int *z, double constant_A[256])
{
    char key[16][16];
    double value[16];
    int words;
    memset(constant_A, 0, 256 * sizeof *constant_A);
    AET_CHECK(aet_str_list(p->vegard_A, 16, key, value, &words), AET_ERR_USAGE,
              "particle.vegard_A = %s; expected lattice constants of the elements, e.g. "
              "Ni:3.524,Pt:3.912",
              p->vegard_A);
    for (int i = 0; i < words; i++) {
        int number = aet_element_number(key[i]);
        AET_CHECK(number > 0, AET_ERR_USAGE, "particle.vegard_A = %s: unknown element '%s'",
                  p->vegard_A, key[i]);
        AET_CHECK(value[i] >= 2 && value[i] <= 10, AET_ERR_USAGE,
                  "particle.vegard_A = %s: %g A is outside 2 to 10 A", p->vegard_A, value[i]);
        constant_A[number] = value[i];
    }
    for (int i = 0; i < n; i++)
        AET_CHECK(constant_A[z[i]] > 0, AET_ERR_USAGE,
                  "particle.vegard_A = %s gives no lattice constant for %s", p->vegard_A,
                  aet_element_symbol(z[i]));
    return AET_OK;
}
