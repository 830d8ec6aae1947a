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
    bool apart = recon_withheld(p) > 0;
    bool twice = p->method == AET_RECON_GENFIRE_FAST ||
                 (p->method == AET_RECON_RESIRE_FAST && p->withhold == AET_WITHHOLD_IMAGES);

    return (apart && twice ? 2 : 1) * p->iterations;
}

const char *recon_limit_name(aet_recon_limit limit)
{
    static const char *const names[] = {"auto", "sphere", "cylinder", "none"};

    return names[limit];
}

/* The cutoffs of the published codes, 0.95, 0.85 ... -0.15, then none for 2 (extend) or 3 entries, then -
 * there and back - the same in turn; entry i of n begins at iteration (N-1) i/(n-1), rounded, so the
 * last one has the last iteration alone. */
double recon_cutoff(aet_recon_enforce mode, int it, int iterations)
{
    enum { STEPS = 12 };
    const double first = 0.95, stride = 0.1;
    int n = mode == AET_ENFORCE_EXTEND ? STEPS + 2 : 2 * STEPS + 3, entry = n - 1;

    if (mode == AET_ENFORCE_ALL)
        return -INFINITY;
    while (entry > 0 && lround((double)(iterations - 1) * entry / (n - 1)) > it)
        entry--;
    if (entry < STEPS)
        return first - stride * entry;
    if (mode == AET_ENFORCE_EXTEND || entry < STEPS + 3)
        return -INFINITY;
    return first - stride * (n - 1 - entry);
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
    int64_t k[3] = {p->kx, g->columns ? 0 : p->ky, p->kz}, m = g->m; /* columns stay whole */
    int sign = k[0] > 0 || (k[0] == 0 && (k[1] > 0 || (k[1] == 0 && k[2] > 0))) ? 1 : -1;
    uint64_t id = (uint64_t)((sign * k[0] * m + sign * k[1] + m) * 2 * m + sign * k[2] + m);
    aet_rng key = {(uint64_t)g->params->seed, 0, AET_RNG_WITHHOLD};

    return k[0] || k[1] || k[2] ? aet_rng_uniform(key, id) : 1;
}
