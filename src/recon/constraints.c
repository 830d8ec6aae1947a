/* Which measured points an iteration enforces, and which are kept apart. */
#include "aetlas/base/rng.h"
#include "recon/recon_priv.h"
#include <math.h>

double recon_withheld(const aet_recon_params *p)
{
    return p->withheld >= 0 ? p->withheld : p->method == AET_RECON_GENFIRE_FAST ? 0.05 : 0;
}

int recon_iterations_most(const aet_recon_params *p)
{
    bool twice = p->method == AET_RECON_GENFIRE_FAST && recon_withheld(p) > 0;

    return (twice ? 2 : 1) * p->iterations;
}

/* Cutoffs of the published codes: nothing but low resolution first, then all, then back. */
double recon_cutoff(aet_recon_enforce mode, int it, int iterations)
{
    const double first = 0.95, stride = 0.1;
    int n = mode == AET_ENFORCE_EXTEND ? 14 : 34; /* 12 steps out, 2 or 10 open, 12 steps back */

    if (mode == AET_ENFORCE_ALL)
        return -INFINITY;
    int k = iterations > 1 ? (int)((int64_t)it * n / iterations) : n - 1;
    if (k < 12)
        return first - stride * k;
    if (mode == AET_ENFORCE_EXTEND || k < 22)
        return -INFINITY;
    return first - stride * (33 - k);
}

/* As many images as make up the share, evenly spaced in the order of theta and none at its ends:
 * the images on both sides of it foretell each.  The noise of an image is its own, whereas that of
 * a point of the oversampled grid is also in the points beside it, which foretell it however badly
 * the object fits: R_free over single points falls for ever. */
void recon_withhold_images(const aet_tilt *t, double share, bool *apart)
{
    int k = (int)ceil(share * t->n - 1e-9);

    k = k < t->n / 2 ? k : t->n / 2;
    for (int i = 0; i < t->n; i++) {
        int before = 0;
        for (int j = 0; j < t->n; j++) {
            double ahead = t->angles_deg[i][1] - t->angles_deg[j][1];
            before += ahead > 0 || (!(ahead < 0) && j < i);
        }
        apart[i] = false;
        for (int j = 0; j < k; j++)
            apart[i] |= before == (int)((j + 0.5) * t->n / k);
    }
}

double recon_point_key(const recon_grid *g, const recon_point *p)
{
    int64_t k[3] = {p->kx, p->ky, p->kz}, m = g->m;
    int sign = k[0] > 0 || (k[0] == 0 && (k[1] > 0 || (k[1] == 0 && k[2] > 0))) ? 1 : -1;
    uint64_t id = (uint64_t)((sign * k[0] * m + sign * k[1] + m) * 2 * m + sign * k[2] + m);
    aet_rng key = {(uint64_t)g->params->seed, 0, AET_RNG_WITHHOLD};

    return k[0] || k[1] || k[2] ? aet_rng_uniform(key, id) : 1;
}
