#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OVERLAP_A 4.5 /* farther neighbours are weaker than 1e-5 of their height inside a fit box  \
                       */
#define NEAR_MAX    256
#define SHIFTS      4   /* times the integer box may follow the estimate */
#define START_WIDTH 1.5 /* voxels */
#define STRAY       2.0 /* voxels from the local maximum: farther is another hill */
#define BOX_VOXELS  (AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX)

int aet_trace_depth(const aet_trace_params *p, double voxel_A)
{
    int fit = p->fit_half > p->poly_half ? p->fit_half : p->poly_half;
    int box = (int)ceil(0.5 * p->box_A / voxel_A + 0.5) + 1;
    return (int)ceil(STRAY) + 1 + (fit > box ? fit : box);
}

/* The box about voxel c; zero outside the volume. */
static void cut_box(const aet_block *b, const int c[3], int half, double *box)
{
    int side = 2 * half + 1;
    for (int z = 0; z < side; z++)
        for (int y = 0; y < side; y++) {
            int gz = c[2] - half + z, gy = c[1] - half + y;
            double *out = box + (z * side + y) * side;
            bool in = gz >= b->z0 && gz < b->z0 + b->count && gy >= 0 && gy < b->ny;
            const float *row = in ? aet_block_row(b, gz, gy) : NULL;
            for (int x = 0; x < side; x++) {
                int gx = c[0] - half + x;
                out[x] = in && gx >= 0 && gx < b->nx ? (double)row[gx] : 0.0;
            }
        }
}

/* What a fit of one peak needs. */
typedef struct {
    const aet_block *block;
    const aet_trace_params *p;
    const aet_poly *poly;
    const aet_peaks *peaks;
    int n_near,
        near[NEAR_MAX]; /* neighbours whose Gaussians are taken out, the peak itself left out */
} site;

static void find_neighbours(const aet_near *cells, int i, site *s)
{
    int n = aet_near_list(cells, s->peaks->peak[i].at, NEAR_MAX, s->near);
    s->n_near = 0;
    for (int k = 0; k < n; k++)
        if (s->near[k] != i && s->peaks->peak[s->near[k]].fitted)
            s->near[s->n_near++] = s->near[k];
}

static void cut_clean_box(const site *s, const int c[3], int half, double *box)
{
    cut_box(s->block, c, half, box);
    for (int k = 0; k < s->n_near; k++) {
        const aet_peak *q = &s->peaks->peak[s->near[k]];
        aet_gauss g = {.height = q->height, .width = {q->width[0], q->width[1], q->width[2]}};
        double at[3] = {q->centre[0] - c[0], q->centre[1] - c[1], q->centre[2] - c[2]};
        aet_gauss_add(half, &g, at, -1.0, box);
    }
}

/* Moves the integer box when the estimate leaves its central voxel by clearly more than half; false
 * when done. */
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

static bool strayed(const aet_peak *q, const int c[3], const double at[3])
{
    double d2 = 0;
    for (int a = 0; a < 3; a++)
        d2 += (c[a] + at[a] - q->voxel[a]) * (c[a] + at[a] - q->voxel[a]);
    return !(d2 <= STRAY * STRAY);
}

static void nearest_voxel(const double at[3], int c[3])
{
    for (int a = 0; a < 3; a++)
        c[a] = (int)lround(at[a]);
}

static bool fit_gauss(const site *s, aet_peak *q)
{
    double box[BOX_VOXELS];
    int c[3], half = s->p->fit_half;
    aet_gauss g = {.width = {START_WIDTH, START_WIDTH, START_WIDTH}};
    nearest_voxel(q->at, c);
    for (int shift = 0; shift <= SHIFTS; shift++) {
        cut_clean_box(s, c, half, box);
        for (int a = 0; a < 3; a++)
            g.at[a] = fmin(fmax(q->at[a] - c[a], -0.5), 0.5);
        if (!aet_fit_gauss(half, box, s->p->background, &g) || strayed(q, c, g.at))
            return false;
        for (int a = 0; a < 3; a++) {
            q->centre[a] = c[a] + g.at[a];
            q->width[a] = g.width[a];
        }
        q->height = g.height;
        q->residual = g.residual;
        if (!follow(g.at, c))
            return true;
        g.background = 0;
    }
    return true;
}

static bool fit_poly(const site *s, aet_peak *q, double at[3])
{
    double box[BOX_VOXELS], r[3];
    int c[3];
    nearest_voxel(q->at, c);
    for (int shift = 0; shift <= SHIFTS; shift++) {
        cut_clean_box(s, c, aet_poly_half(s->poly), box);
        for (int a = 0; a < 3; a++)
            r[a] = fmin(fmax(q->at[a] - c[a], -0.5), 0.5);
        if (!aet_poly_fit(s->poly, box, r, NULL) || strayed(q, c, r))
            return false;
        for (int a = 0; a < 3; a++)
            at[a] = c[a] + r[a];
        if (!follow(r, c))
            return true;
    }
    return true;
}

static void fit_quadratic(const site *s, const aet_peak *q, double at[3])
{
    double box[27], r[3];
    cut_clean_box(s, q->voxel, 1, box);
    aet_fit_quadratic(1, box, r);
    for (int a = 0; a < 3; a++)
        at[a] = q->voxel[a] + r[a];
}

static void fit_peak(const site *s, aet_peak *q)
{
    double at[3];
    bool good = fit_gauss(s, q);
    q->fitted = good;
    memcpy(at, q->centre, sizeof at);
    if (s->p->method == AET_TRACE_POLYNOMIAL)
        good = fit_poly(s, q, at);
    if (!good || s->p->method == AET_TRACE_QUADRATIC)
        fit_quadratic(s, q, at);
    if (!q->fitted)
        q->height = q->residual = q->width[0] = q->width[1] = q->width[2] = 0;
    q->move2 = 0;
    for (int a = 0; a < 3; a++) {
        q->move2 += (at[a] - q->at[a]) * (at[a] - q->at[a]);
        q->at[a] = at[a];
    }
}

aet_err aet_trace_fit_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                          const aet_poly *poly, bool subtract, aet_peaks *peaks)
{
    aet_err err = AET_OK;
    aet_near *cells = NULL;
    aet_peak *fresh = NULL; /* all fits of a pass see the positions of the pass before */
    site s = {block, p, poly, peaks, 0, {0}};

    AET_GO(AET_ARRAY(peaks->n_own, "fitted peaks", &fresh));
    if (subtract)
        AET_GO(aet_near_create(peaks, OVERLAP_A / voxel_A, &cells));
    for (int i = 0; i < peaks->n_own; i++) {
        fresh[i] = peaks->peak[peaks->own + i];
        if (!fresh[i].kept)
            continue;
        if (subtract)
            find_neighbours(cells, peaks->own + i, &s);
        fit_peak(&s, &fresh[i]);
    }
    if (peaks->n_own > 0)
        memcpy(peaks->peak + peaks->own, fresh, (size_t)peaks->n_own * sizeof *fresh);
done:
    aet_near_free(&cells);
    aet_release(&fresh);
    return err;
}

/* Density in a box of edge `side` voxels about the position: voxels cut by a face count by the part
 * inside. */
static double box_sum(const site *s, const aet_peak *q, double side)
{
    double box[BOX_VOXELS], w[3][AET_FIT_SIDE_MAX], sum = 0;
    int c[3], half = (int)ceil(0.5 * side), n;
    half = half > AET_FIT_HALF_MAX ? AET_FIT_HALF_MAX : half;
    n = 2 * half + 1;
    nearest_voxel(q->at, c);
    cut_clean_box(s, c, half, box);
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

aet_err aet_trace_measure_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                              aet_peaks *peaks)
{
    aet_near *cells = NULL;
    site s = {block, p, NULL, peaks, 0, {0}};
    AET_TRY(aet_near_create(peaks, OVERLAP_A / voxel_A, &cells));
    double two_pi_cubed = pow(2 * acos(-1.0), 1.5), voxel3 = voxel_A * voxel_A * voxel_A;
    for (int i = peaks->own; i < peaks->own + peaks->n_own; i++) {
        aet_peak *q = &peaks->peak[i];
        if (!q->kept)
            continue;
        find_neighbours(cells, i, &s);
        q->intensity = p->intensity == AET_TRACE_INTEGRAL
                           ? two_pi_cubed * q->height * q->width[0] * q->width[1] * q->width[2]
                           : box_sum(&s, q, p->box_A / voxel_A);
        q->intensity *= voxel3;
    }
    aet_near_free(&cells);
    return AET_OK;
}
