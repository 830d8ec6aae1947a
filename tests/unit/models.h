/* Model clusters for tests: fcc pieces built from their definition, and what may be done to them. */
#ifndef AET_TEST_MODELS_H
#define AET_TEST_MODELS_H

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/atoms.h"
#include "aetlas/physics/geometry.h"
#include "test.h"

/* Sites h, k, l (half cube edges) with h + k + l of the given parity, |h|+|k|+|l| <= sum and each <= most and
 * h^2+k^2+l^2 <= square. */
static aet_atoms *cluster(double a_A, int parity, int sum, int most, int square)
{
    int n = 0;
    aet_atoms *a = NULL;
    for (int pass = 0; pass < 2; pass++) {
        if (pass)
            T_OK(aet_atoms_create(n, &a));
        n = 0;
        for (int l = -most; l <= most; l++)
            for (int k = -most; k <= most; k++)
                for (int h = -most; h <= most; h++) {
                    if ((h + k + l + 3 * most) % 2 != (parity + 3 * most) % 2 ||
                        abs(h) + abs(k) + abs(l) > sum || h * h + k * k + l * l > square)
                        continue;
                    if (pass) {
                        double r[3] = {0.5 * a_A * h, 0.5 * a_A * k, 0.5 * a_A * l};
                        memcpy(a->position_A[n], r, sizeof r);
                        a->species[n] = 78;
                    }
                    n++;
                }
    }
    return a;
}

enum { WIDE = 1 << 20 };

/* n atoms along each edge. */
static inline aet_atoms *octahedron(double a_A, int n)
{
    return cluster(a_A, (n - 1) % 2, n - 1, n - 1, WIDE);
}

/* The same with layers cut off the corners. */
static inline aet_atoms *truncated(double a_A, int n, int cut)
{
    return cluster(a_A, (n - 1) % 2, n - 1, n - 1 - cut, WIDE);
}

/* m + 1 atoms along each edge: 13, 55, 147, ... */
static inline aet_atoms *cuboctahedron(double a_A, int m)
{
    return cluster(a_A, 0, 2 * m, m, WIDE);
}

/* Atoms within radius_a lattice constants of one. */
static inline aet_atoms *ball(double a_A, double radius_a)
{
    int most = (int)(2.0 * radius_a) + 1;
    return cluster(a_A, 0, WIDE, most, (int)(4.0 * radius_a * radius_a * 1.000001));
}

static inline void add_noise(aet_atoms *a, double s_A, uint32_t item)
{
    aet_rng key = {.seed = 21, .item = item, .purpose = AET_RNG_TEST};
    for (int i = 0; i < a->n; i++) {
        double z[4];
        aet_rng_normal4(key, (uint64_t)i, z);
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] += s_A * z[k];
    }
}

static inline void move(aet_atoms *a, const double angles_deg[3], const double shift[3])
{
    double R[3][3];
    aet_rotation(angles_deg, R);
    for (int i = 0; i < a->n; i++) {
        double r[3];
        memcpy(r, a->position_A[i], sizeof r);
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] = R[k][0] * r[0] + R[k][1] * r[1] + R[k][2] * r[2] + shift[k];
    }
}

/* Atom i goes to place (i * step) mod n, which is a permutation for step prime to n. */
static inline int reorder(aet_atoms *a, int *place)
{
    int step = 7;
    while (a->n % step == 0)
        step += 4;
    aet_atoms *old = NULL;
    T_OK(aet_atoms_copy(a, &old));
    for (int i = 0; i < a->n; i++) {
        place[i] = (int)((int64_t)i * step % a->n);
        memcpy(a->position_A[place[i]], old->position_A[i], sizeof *a->position_A);
        a->species[place[i]] = old->species[i];
    }
    aet_atoms_free(&old);
    return step;
}

static inline double scalar(const aet_atoms *a, const char *name)
{
    double v = NAN;
    T_CHECK(aet_atoms_find_scalar(a, name, &v));
    return v;
}

#endif
