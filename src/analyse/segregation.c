/* How far below the surface an element's share is not that of the core.
 *
 * Over the atoms the share of the element is fitted by f(d) = core + jump exp(-d/w), d the distance to
 * the nearest surface atom: jump is what the outermost layer has more than the core, w the depth by
 * which the excess falls to 1/e.  Given only where the jump is beyond chance, four of its standard
 * errors, and the fitted shares are between 0 and 1 but for a tenth (a core and a shell have no such
 * profile: aetlas/analyse/analyse.h, width of an interface). */
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/num/gemm.h"
#include "analyse/analyse_priv.h"

#include <math.h>
#include <string.h>

typedef struct {
    double core, jump, width, error; /* error: of the jump */
} profile;

/* Normal equations of one Gauss-Newton step; gives the sum of squared misses. */
static double step_of(const analysis *m, int e, const profile *p, double normal[9], double right[3])
{
    double sum = 0.0;
    memset(normal, 0, 9 * sizeof *normal);
    memset(right, 0, 3 * sizeof *right);
    for (int i = 0; i < m->a->n; i++) {
        double d = m->depth_A[i], fall = exp(-d / p->width);
        double slope[3] = {1.0, fall, p->jump * fall * d / (p->width * p->width)};
        double miss = (m->kind[i] == e) - p->core - p->jump * fall;
        sum += miss * miss;
        for (int a = 0; a < 3; a++) {
            right[a] += slope[a] * miss;
            for (int b = 0; b < 3; b++)
                normal[3 * a + b] += slope[a] * slope[b];
        }
    }
    return sum;
}

static bool fit(const analysis *m, int e, profile *p)
{
    for (int round = 0; round < 100; round++) {
        double normal[9], right[3], move[3], inverse[3];
        double sum = step_of(m, e, p, normal, right);
        if (aet_solve(3, 1, normal, right, move) != AET_OK ||
            aet_solve(3, 1, normal, (const double[3]){0, 1, 0}, inverse) != AET_OK) {
            aet_error_clear();
            return false;
        }
        p->error = sqrt(fmax(0.0, inverse[1]) * sum / fmax(1, m->a->n - 3));
        p->core += move[0];
        p->jump += move[1];
        p->width += fmax(-0.5 * p->width, fmin(p->width, move[2]));
        if (fabs(move[0]) + fabs(move[1]) + fabs(move[2]) < 1e-9)
            return p->width > 0.1 && p->width < 50.0 && fabs(p->jump) > 4.0 * p->error &&
                   fabs(p->core - 0.5) < 0.6 && fabs(p->core + p->jump - 0.5) < 0.6;
    }
    return false;
}

/* Starts from the two means, parted at one layer. */
void analyse_segregation(analysis *m, int kind)
{
    double layer = m->shells.peak_A, inner = 0.0, outer = 0.0;
    int n_inner = 0, n_outer = 0;
    char text[160];
    for (int i = 0; i < m->a->n; i++) {
        bool deep = m->depth_A[i] > 0.5 * layer;
        *(deep ? &inner : &outer) += m->kind[i] == kind;
        *(deep ? &n_inner : &n_outer) += 1;
    }
    if (n_inner < 50 || n_outer < 50)
        return;
    profile p = {
        .core = inner / n_inner, .jump = outer / n_outer - inner / n_inner, .width = layer};
    if (!fit(m, kind, &p))
        return;
    aet_fmt(text, sizeof text, "share of %s at the surface less that of the core",
            aet_element_symbol(m->z[kind]));
    aet_atoms_add_scalar(m->a, "segregation", p.jump, "1", text);
    aet_atoms_add_scalar(m->a, "segregation_width_A", p.width, "A",
                         "depth by which that excess falls to 1/e");
}
