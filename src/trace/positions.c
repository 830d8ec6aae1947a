/* Positions by a joint fit: the volume is a sum of Gaussians of shared widths, one per peak.
 *
 * It is solved by passes in which every peak is fitted to its box less the other peaks' Gaussians
 * of the pass before (block Jacobi).  In an fcc metal at 0.7 A width neighbours overlap by
 * exp(-d^2 / 4 s^2) = 2-3 % each, so the passes contract by about a third each.  Widths of its own
 * for each peak would make neighbours trade tails for height (the passes then diverge); the shared
 * widths are the medians of those fitted to the cleaned boxes.
 */
#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/cells.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Farther neighbours are weaker than 1e-5 of their height inside a fit box. */
#define OVERLAP_A 4.5
/* Of each step: plain Jacobi does not contract where a missing wedge makes atoms long. */
#define RELAX  0.6
#define SHIFTS 4 /* times the integer box may follow the estimate */

int aet_trace_depth(const aet_trace_params *p, double voxel_A)
{
    int fit = p->fit_half > p->poly_half ? p->fit_half : p->poly_half;
    int box = (int)ceil(0.5 * p->box_A / voxel_A + 0.5) + 1;
    fit = fit > p->edge_high / 2 ? fit : p->edge_high / 2;
    fit = fit > p->layer_edge_high / 2 ? fit : p->layer_edge_high / 2;
    fit = fit > p->cube_half + 1 ? fit : p->cube_half + 1;
    return (int)ceil(AET_TRACE_STRAY) + 1 + (fit > box ? fit : box);
}

/* The box of `side` voxels whose voxel side/2 is c; zero outside the volume. */
static void cut_box(const aet_block *b, const int c[3], int side, double *box)
{
    for (int z = 0; z < side; z++)
        for (int y = 0; y < side; y++) {
            int gz = c[2] - side / 2 + z, gy = c[1] - side / 2 + y;
            double *out = box + (z * side + y) * side;
            bool in = gz >= b->z0 && gz < b->z0 + b->count && gy >= 0 && gy < b->ny;
            const float *row = in ? aet_block_row(b, gz, gy) : NULL;
            for (int x = 0; x < side; x++) {
                int gx = c[0] - side / 2 + x;
                out[x] = in && gx >= 0 && gx < b->nx ? (double)row[gx] : 0.0;
            }
        }
}

aet_err aet_trace_neighbours(const aet_peaks *peaks, double voxel_A, aet_neighbours **nb)
{
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    double(*x)[3] = NULL, reach = OVERLAP_A / voxel_A;
    *nb = NULL;
    AET_GO(AET_ARRAY(peaks->n, "positions of peaks", &x));
    for (int i = 0; i < peaks->n; i++)
        memcpy(x[i], peaks->peak[i].centre, sizeof x[i]);
    AET_GO(aet_cells_create(peaks->n, (const double(*)[3])x, 0.5 * reach, &cells));
    AET_GO(aet_neighbours_find(cells, reach, nb));
done:
    aet_cells_free(&cells);
    aet_release(&x);
    return err;
}

void aet_trace_clean_box(const aet_trace_site *s, const int c[3], int side, double *box)
{
    cut_box(s->block, c, side, box);
    if (!s->nb)
        return;
    for (int64_t k = s->nb->start[s->i]; k < s->nb->start[s->i + 1]; k++) {
        const aet_peak *q = &s->peaks->peak[s->nb->index[k]];
        aet_gauss g = {.height = q->height};
        memcpy(g.width, s->peaks->shared_width, sizeof g.width);
        double at[3] = {q->centre[0] - c[0], q->centre[1] - c[1], q->centre[2] - c[2]};
        if (q->fitted)
            aet_gauss_add(side, &g, at, -1.0, box);
    }
}

/* Moves the integer box when the estimate leaves its
 * central voxel by clearly more than half; false when done. */
static bool follow(const double at[3], int c[3])
{
    bool moved = false;
    for (int a = 0; a < 3; a++)
        if (fabs(at[a]) > 0.6) {
            c[a] += (int)lround(at[a]);
            moved = true;
        }
    return moved;
}

/* The box of the pass before, unless the position has left its middle.  Were it the one nearest to
 * the position, an atom between two voxels could go to and fro for ever: each box sees it a little
 * nearer to the other. */
static void last_box(const aet_peak *q, const double at[3], int c[3])
{
    double r[3];
    for (int a = 0; a < 3; a++) {
        c[a] = q->box[a];
        r[a] = at[a] - c[a];
    }
    follow(r, c);
}

bool aet_trace_strayed(const aet_peak *q, const int c[3], const double at[3])
{
    double d2 = 0;
    for (int a = 0; a < 3; a++)
        d2 += (c[a] + at[a] - q->voxel[a]) * (c[a] + at[a] - q->voxel[a]);
    return !(d2 <= AET_TRACE_STRAY * AET_TRACE_STRAY);
}

static void nearest_voxel(const double at[3], int c[3])
{
    for (int a = 0; a < 3; a++)
        c[a] = (int)lround(at[a]);
}

/* Widths and misfit of a Gaussian of its own, in the last box; kept where it stays near. */
static void fit_width(const aet_trace_site *s, const double *box, aet_gauss g, aet_peak *q)
{
    double near2 = 0, at[3] = {g.at[0], g.at[1], g.at[2]};
    q->own_width = aet_fit_gauss(s->p->fit_half, box, AET_FIT_WIDTHS, &g) && g.converged;
    for (int a = 0; a < 3; a++) {
        near2 += (g.at[a] - at[a]) * (g.at[a] - at[a]);
        q->width[a] = g.width[a];
    }
    q->own_width = q->own_width && near2 < 1;
    q->residual = g.residual;
}

static bool fit_gauss(const aet_trace_site *s, aet_peak *q)
{
    double box[AET_TRACE_BOX_VOXELS];
    int c[3], half = s->p->fit_half;
    aet_gauss g = {0};
    double old[3] = {q->centre[0], q->centre[1], q->centre[2]};
    memcpy(g.width, s->peaks->shared_width, sizeof g.width);
    last_box(q, q->centre, c);
    for (int shift = 0; shift <= SHIFTS; shift++) {
        aet_trace_clean_box(s, c, 2 * half + 1, box);
        for (int a = 0; a < 3; a++)
            g.at[a] = fmin(fmax(q->centre[a] - c[a], -0.6), 0.6);
        if (!aet_fit_gauss(half, box, AET_FIT_PLACE, &g) || aet_trace_strayed(q, c, g.at))
            return false;
        for (int a = 0; a < 3; a++)
            q->centre[a] = c[a] + g.at[a];
        if (!follow(g.at, c))
            break;
    }
    memcpy(q->box, c, sizeof q->box);
    double part = q->fitted ? RELAX : 1.0;
    q->height += part * (g.height - q->height);
    for (int a = 0; a < 3; a++)
        q->centre[a] = old[a] + part * (q->centre[a] - old[a]);
    fit_width(s, box, g, q);
    return true;
}

static bool fit_poly(const aet_trace_site *s, aet_peak *q, double at[3])
{
    double box[AET_TRACE_BOX_VOXELS], r[3];
    int c[3];
    last_box(q, q->at, c);
    for (int shift = 0; shift <= SHIFTS; shift++) {
        aet_trace_clean_box(s, c, 2 * aet_poly_half(s->poly) + 1, box);
        for (int a = 0; a < 3; a++)
            r[a] = fmin(fmax(q->at[a] - c[a], -0.5), 0.5);
        if (!aet_poly_fit(s->poly, box, r, NULL) || aet_trace_strayed(q, c, r))
            return false;
        for (int a = 0; a < 3; a++)
            at[a] = c[a] + r[a];
        if (!follow(r, c))
            return true;
    }
    return true;
}

static void fit_peak(const aet_trace_site *s, aet_peak *q)
{
    double at[3];
    bool good = fit_gauss(s, q);
    q->fitted = good;
    if (!good) {
        q->own_width = false;
        q->height = q->residual = 0;
        memcpy(q->centre, q->start, sizeof q->centre);
    }
    memcpy(at, q->centre, sizeof at);
    if (s->p->method == AET_TRACE_QUADRATIC ||
        (s->p->method == AET_TRACE_POLYNOMIAL && !fit_poly(s, q, at)))
        memcpy(at, q->start, sizeof at);
    q->move2 = 0;
    for (int a = 0; a < 3; a++) {
        q->move2 += (at[a] - q->at[a]) * (at[a] - q->at[a]);
        q->at[a] = at[a];
    }
}

aet_err aet_trace_each(aet_trace_site s, double voxel_A, bool clean,
                       void (*fit)(const aet_trace_site *s, aet_peak *q), aet_peaks *peaks)
{
    aet_err err = AET_OK;
    aet_peak *fresh = NULL;

    s.peaks = peaks;
    AET_GO(AET_ARRAY(peaks->n_own, "fitted peaks", &fresh));
    if (clean)
        AET_GO(aet_trace_neighbours(peaks, voxel_A, &s.nb));
    for (int i = 0; i < peaks->n_own; i++) {
        s.i = peaks->own + i;
        fresh[i] = peaks->peak[s.i];
        fit(&s, &fresh[i]);
    }
    if (peaks->n_own > 0)
        memcpy(peaks->peak + peaks->own, fresh, (size_t)peaks->n_own * sizeof *fresh);
done:
    aet_neighbours_free(&s.nb);
    aet_release(&fresh);
    return err;
}

aet_err aet_trace_fit_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                          const aet_poly *poly, aet_peaks *peaks)
{
    aet_trace_site s = {.block = block, .p = p, .poly = poly};
    return aet_trace_each(s, voxel_A, true, fit_peak, peaks);
}

/* Density in a box of edge `side` voxels about the
 * position: voxels cut by a face count by the part inside. */
static double box_sum(const aet_trace_site *s, const aet_peak *q, double side)
{
    double box[AET_TRACE_BOX_VOXELS], w[3][AET_FIT_SIDE_MAX], sum = 0;
    int c[3], half = (int)ceil(0.5 * side), n;
    half = half > AET_FIT_HALF_MAX ? AET_FIT_HALF_MAX : half;
    n = 2 * half + 1;
    nearest_voxel(q->at, c);
    aet_trace_clean_box(s, c, 2 * half + 1, box);
    for (int a = 0; a < 3; a++)
        for (int i = 0; i < n; i++) {
            double d = i - half - (q->at[a] - c[a]);
            w[a][i] = fmax(0, fmin(d + 0.5, 0.5 * side) - fmax(d - 0.5, -0.5 * side));
        }
    for (int z = 0; z < n; z++)
        for (int y = 0; y < n; y++)
            for (int x = 0; x < n; x++)
                sum += w[2][z] * w[1][y] * w[0][x] * box[(z * n + y) * n + x];
    return sum;
}

/* Of the joint fit with the widths of all; of separate fits with its own. */
static double integral_of(const aet_trace_site *s, const aet_peak *q)
{
    const double *w = s->p->method == AET_TRACE_BOXES ? q->width : s->peaks->shared_width;
    return pow(2 * AET_PI, 1.5) * w[0] * w[1] * w[2] * q->height;
}

aet_err aet_trace_measure_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                              aet_peaks *peaks)
{
    aet_trace_site s = {.block = block, .p = p, .peaks = peaks};
    double voxel3 = voxel_A * voxel_A * voxel_A;
    bool box = p->intensity == AET_INTENSITY_BOX ||
               (p->intensity == AET_INTENSITY_AUTO && p->method == AET_TRACE_BOXES);
    if (p->method != AET_TRACE_BOXES) /* those see the volume as it is */
        AET_TRY(aet_trace_neighbours(peaks, voxel_A, &s.nb));
    for (s.i = peaks->own; s.i < peaks->own + peaks->n_own; s.i++) {
        aet_peak *q = &peaks->peak[s.i];
        q->intensity = voxel3 * (box ? box_sum(&s, q, p->box_A / voxel_A) : integral_of(&s, q));
    }
    aet_neighbours_free(&s.nb);
    return AET_OK;
}
