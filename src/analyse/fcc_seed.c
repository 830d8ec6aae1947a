/* The orientation of the lattice around one atom, from its neighbours alone. */
#include "analyse/fcc_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

enum { AROUND = 16 }; /* neighbours of a seed that may name the orientation */

/* Rows: unit vectors along u, in the plane of u and v, and across it. */
static void frame(const double u[3], const double v[3], double f[3][3])
{
    memcpy(f[0], u, 3 * sizeof(double));
    normalise(f[0]);
    cross(u, v, f[2]);
    normalise(f[2]);
    cross(f[2], f[0], f[1]);
}

/* The rotation that takes the directions [110] and [101] to u and v. */
static void rotation_from(const double u[3], const double v[3], double rotation[3][3])
{
    static const double u0[3] = {1, 1, 0}, v0[3] = {1, 0, 1};
    double from[3][3], to[3][3];
    frame(u0, v0, from);
    frame(u, v, to);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            rotation[i][j] = to[0][i] * from[0][j] + to[1][i] * from[1][j] + to[2][i] * from[2][j];
}

/* Sites around the seed that have an atom within reach under this rotation. */
static int score_rotation(const fcc_work *w, const double rotation[3][3], int n,
                          const double (*x)[3], double *misfit)
{
    aet_lattice l = {.constant_A = w->start_A};
    memcpy(l.rotation, rotation, sizeof l.rotation);
    double reach = w->tolerance * w->start_A * sqrt(0.5), at[3];
    int score = 0;
    *misfit = 0.0;
    for (int s = 0; s < 12; s++) {
        double best = reach * reach;
        bool found = false;
        aet_lattice_position(&l, aet_fcc_neighbour[s], at);
        for (int k = 0; k < n; k++) {
            double d[3] = {x[k][0] - at[0], x[k][1] - at[1], x[k][2] - at[2]};
            if (dot(d, d) <= best) {
                best = dot(d, d);
                found = true;
            }
        }
        score += found;
        *misfit += found ? best : 0.0;
    }
    return score;
}

/* Vectors from the atom to those at about the nearest-neighbour distance. */
static int vectors_around(const fcc_work *w, int atom, double (*x)[3])
{
    int index[AROUND];
    double nn = w->start_A * sqrt(0.5), d[AROUND];
    int found = aet_cells_k_nearest(w->cells, w->a->position_A[atom], AROUND,
                                    (1.0 + 1.2 * w->tolerance) * nn, atom, index, d),
        n = 0;
    for (int k = 0; k < found; k++)
        if (d[k] > (1.0 - 1.2 * w->tolerance) * nn) {
            for (int c = 0; c < 3; c++)
                x[n][c] = w->a->position_A[index[k]][c] - w->a->position_A[atom][c];
            n++;
        }
    return n;
}

/* Every ordered pair of neighbours about 60 degrees apart is taken for [110]
 * and [101].  (The exchanged pair is the twin, which fits fewer sites.) */
fcc_seed fcc_look_around(const fcc_work *w, int atom)
{
    fcc_seed best = {.atom = atom};
    double x[AROUND][3];
    int n = vectors_around(w, atom, x);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double cosine = dot(x[i], x[j]) / sqrt(dot(x[i], x[i]) * dot(x[j], x[j]));
            if (i == j || fabs(cosine - 0.5) > 0.25)
                continue;
            double rotation[3][3], misfit;
            rotation_from(x[i], x[j], rotation);
            int score =
                score_rotation(w, (const double(*)[3])rotation, n, (const double(*)[3])x, &misfit);
            if (score > best.score || (score == best.score && misfit < best.misfit)) {
                best.score = score;
                best.misfit = misfit;
                memcpy(best.rotation, rotation, sizeof rotation);
            }
        }
    return best;
}
