/* Fits in boxes of several edges: a Gaussian with widths of its own in each, of which the one with
 * the smallest mean square misfit counts (Jeong et al., Nat. Commun. 16, 8026 (2025)).  The mean is
 * over the voxels less the 7 parameters: over the voxels alone the smallest box, which has the
 * least to explain, would nearly always win. */
#include "trace/trace_priv.h"

#include <math.h>

#define PARAMETERS 7

/* The voxel from which a box of this edge lies about `at` as evenly as it can. */
static void corner_voxel(const double at[3], int side, int c[3])
{
    for (int a = 0; a < 3; a++)
        c[a] = side % 2 ? (int)lround(at[a]) : (int)floor(at[a]) + 1;
}

/* Whether the box lies in the volume: one cut by a face would be fitted to zeros. */
static bool is_inside(const aet_block *b, const int c[3], int side)
{
    int size[3] = {b->nx, b->ny, b->nz};
    for (int a = 0; a < 3; a++)
        if (c[a] - side / 2 < 0 || c[a] - side / 2 + side > size[a])
            return false;
    return true;
}

/* A fit in one box; gives the mean square misfit, HUGE_VAL where there is no hill. */
static double fit_box(const aet_trace_site *s, const aet_peak *q, int side, aet_gauss *g)
{
    double box[AET_TRACE_BOX_VOXELS];
    int c[3], n = side * side * side;
    corner_voxel(q->start, side, c);
    if (!is_inside(s->block, c, side))
        return HUGE_VAL;
    aet_trace_clean_box(s, c, side, box);
    for (int a = 0; a < 3; a++) {
        g->at[a] = q->start[a] - c[a];
        g->width[a] = s->peaks->shared_width[a];
    }
    /* A width at its limit never settles; the place may be good all the same. */
    if (!aet_fit_gauss_box(side, box, AET_FIT_WIDTHS, g) || aet_trace_strayed(q, c, g->at))
        return HUGE_VAL;
    for (int a = 0; a < 3; a++)
        g->at[a] += c[a];
    return pow(g->residual * g->height, 2) * n / (n - PARAMETERS);
}

static void fit_boxes(const aet_trace_site *s, aet_peak *q)
{
    if (q->origin != s->origin)
        return;
    bool layer = q->origin == AET_ORIGIN_LAYER;
    int low = layer ? s->p->layer_edge_low : s->p->edge_low,
        high = layer ? s->p->layer_edge_high : s->p->edge_high;
    double least = HUGE_VAL;
    aet_gauss best = {0};
    for (int side = low; side <= high; side++) {
        aet_gauss g = {0};
        double misfit = fit_box(s, q, side, &g);
        if (misfit < least) {
            least = misfit;
            best = g;
        }
    }
    q->fitted = isfinite(least);
    q->own_width = q->fitted && best.converged;
    q->height = q->fitted ? best.height : 0;
    q->residual = q->fitted ? best.residual : 0;
    for (int a = 0; a < 3; a++) {
        q->at[a] = q->centre[a] = q->fitted ? best.at[a] : q->start[a];
        q->width[a] = best.width[a];
    }
}

aet_err aet_trace_boxes_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                            int origin, bool clean, aet_peaks *peaks)
{
    aet_trace_site s = {.block = block, .p = p, .origin = origin};
    return aet_trace_each(s, voxel_A, clean, fit_boxes, peaks);
}
