/* Transmission functions, made when they are needed.
 *
 * The transform of a slice is, species by species, a structure factor times the scattering factor:
 *
 *   V(kx, ky) = sum_species f(|k|) sum_atoms exp(-2 pi i kx x) exp(-2 pi i ky y)
 *
 * and the inner sum is a product of two matrices, [kx][atoms] times [atoms][ky]: atoms lie exactly where they
 * lie, nothing is cut off, and the work is what GEMM does best.  Only kx >= 0 are multiplied out: structure
 * factors at -k are conjugate.  The factors are those of the band (stem_core.c), slightly complex. */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "aetlas/physics/electron.h"
#include "stem_priv.h"
#include <math.h>
#include <string.h>

enum { NODES = 1024, DEPTHS = 16, SPECIES_MAX = 8 };
#define REACH_A 4.0 /* along z: beyond it less than 1e-3 of any atom's integral is left */

struct aet_stem_slicer {
    int species, z[SPECIES_MAX];
    bool finite;
    double slice_A, phase; /* rad per V A, over the area of the cell */
    int hx, hy, columns;   /* frequencies 0..hx, -hy..hy: columns = 2 hy + 1 */
    int depths;            /* atoms are told apart by depth in so many steps */
    float *factor;         /* [species][depths][NODES + 2][2]: along |k|, complex; 0 at the end */
    float *radius;         /* [hx + 1][hy + 1]: |k| in nodes */
    int capacity;          /* atoms there is room for */
    float *left, *right;   /* [2 atoms][hx + 1], [2 atoms][2 columns] */
    float *sum;            /* [hx + 1][2 columns]: structure factor of one kind of atoms */
    int *kind;             /* [capacity] of the atoms of a slice: species * depths + depth; -1 */
};

int64_t aet_stem_slicer_bytes(const aet_stem_grid *g)
{
    return (int64_t)(g->hx + 1) * g->my * 10; /* structure factor, radii of a quadrant */
}

/* Steps of depth, offset of step d of an atom from the middle of the slice. */
static int count_depths(const aet_stem_params *p)
{
    return p->projection == 0 ? 1 : (int)ceil((p->slice_A + 2 * REACH_A) / p->slice_A * DEPTHS);
}

static double offset_of(const aet_stem_slicer *s, int depth)
{
    return (depth + 0.5 - 0.5 * s->depths) * s->slice_A / DEPTHS;
}

/* The factors of one species for every step of depth; the core's part belongs to the slice that the
 * nucleus lies in. */
static void tabulate(aet_stem_slicer *s, const aet_scattering *row, double top, const float *core,
                     float *table)
{
    for (int d = 0; d < s->depths; d++)
        for (int i = 0; i <= NODES; i++) {
            double q = top * i / NODES, at = offset_of(s, d), half = s->slice_A / 2;
            double f = s->finite ? aet_scattering_slab(row, q, -half - at, half - at)
                                 : aet_scattering_factor(row, q);
            bool here = fabs(at) < half;
            float *out = table + 2 * (d * (NODES + 2) + i);
            out[0] = (float)f + (here ? core[2 * i] : 0);
            out[1] = here ? core[2 * i + 1] : 0;
        }
}

static aet_err tables(aet_stem_slicer *s, const aet_stem_grid *g, const aet_stem_params *p)
{
    float core[2 * (NODES + 1)];
    double top = g->q_limit;
    AET_TRY(AET_ARRAY((int64_t)s->species * s->depths * (NODES + 2) * 2, "scattering factors",
                      &s->factor));
    AET_TRY(AET_ARRAY((int64_t)(s->hx + 1) * (s->hy + 1), "radii of frequencies", &s->radius));
    for (int i = 0; i < s->species; i++) {
        const aet_scattering *row;
        AET_TRY(aet_scattering_find((aet_scattering_model)p->scattering, s->z[i], &row));
        AET_TRY(aet_stem_core(row, p->energy_keV, top, NODES, core));
        tabulate(s, row, top, core, s->factor + (int64_t)i * s->depths * (NODES + 2) * 2);
    }
    for (int kx = 0; kx <= s->hx; kx++)
        for (int ky = 0; ky <= s->hy; ky++)
            s->radius[kx * (s->hy + 1) + ky] =
                (float)fmin(hypot(kx / g->lx, ky / g->ly) / top * NODES, NODES + 1);
    return AET_OK;
}

aet_err aet_stem_slicer_create(const aet_stem_grid *g, const aet_stem_params *p, const int *species,
                               int n, aet_stem_slicer **out)
{
    aet_err err = AET_OK;
    AET_ASSERT(n <= SPECIES_MAX);
    aet_stem_slicer *s = AET_NEW(aet_stem_slicer, 1);
    s->species = n;
    s->finite = p->projection == 1;
    s->depths = count_depths(p);
    s->slice_A = p->slice_A;
    s->phase = aet_electron_interaction(p->energy_keV) * aet_scattering_volts() / (g->lx * g->ly);
    memcpy(s->z, species, sizeof *species * (size_t)n);
    s->hx = g->hx;
    s->hy = g->hy;
    s->columns = g->my;
    AET_GO(tables(s, g, p));
    AET_GO(AET_ARRAY((int64_t)(s->hx + 1) * s->columns * 2, "a structure factor", &s->sum));
done:
    if (err != AET_OK)
        aet_stem_slicer_free(&s);
    *out = s;
    return err;
}

void aet_stem_slicer_free(aet_stem_slicer **s)
{
    if (*s == NULL)
        return;
    aet_release(&(*s)->factor);
    aet_release(&(*s)->radius);
    aet_release(&(*s)->left);
    aet_release(&(*s)->right);
    aet_release(&(*s)->kind);
    aet_release(&(*s)->sum);
    aet_release(s);
}

static aet_err make_room(aet_stem_slicer *s, int atoms)
{
    if (atoms <= s->capacity)
        return AET_OK;
    aet_release(&s->left);
    aet_release(&s->right);
    aet_release(&s->kind);
    s->capacity = 0;
    int n = atoms + atoms / 4;
    AET_TRY(AET_ARRAY((int64_t)2 * n * (s->hx + 1), "phases of atoms along x", &s->left));
    AET_TRY(AET_ARRAY((int64_t)4 * n * s->columns, "phases of atoms along y", &s->right));
    AET_TRY(AET_ARRAY(n, "kinds of atoms", &s->kind));
    s->capacity = n;
    return AET_OK;
}

/* re[k] + i im[k] = exp(-2 pi i k turn), k = 0 .. n - 1. */
static void phases(double turn, int n, float *re, float *im)
{
    double c = cos(2 * AET_PI * turn), s = -sin(2 * AET_PI * turn), x = 1, y = 0;
    for (int k = 0; k < n; k++) {
        re[k] = (float)x;
        im[k] = (float)y;
        double next = x * c - y * s;
        y = x * s + y * c;
        x = next;
    }
}

/* Row a of the right matrix for the real part of the left one, row n + a for the imaginary part. */
static void right_rows(const aet_stem_slicer *s, double turn, float *real, float *imaginary)
{
    double c = cos(2 * AET_PI * turn), d = -sin(2 * AET_PI * turn), x = 1, y = 0;
    for (int k = 0; k <= s->hy; k++) {
        int64_t up = 2 * (s->hy + k), down = 2 * (s->hy - k);
        real[up] = real[down] = imaginary[up + 1] = imaginary[down + 1] = (float)x;
        real[up + 1] = imaginary[down] = (float)y;
        real[down + 1] = imaginary[up] = (float)-y;
        double next = x * c - y * d;
        y = x * d + y * c;
        x = next;
    }
}

/* Which atoms of the slice lie in the cell, and of which kind they are; gives the largest group. */
static int sort_kinds(aet_stem_slicer *s, const aet_stem_grid *g, const aet_stem_specimen *m,
                      int slice, const double left_A[2], bool whole)
{
    int inside = 0;
    for (int i = m->first[slice]; i < m->last[slice]; i++) {
        double x = m->at_A[i][0] - left_A[0], y = m->at_A[i][1] - left_A[1];
        int *kind = &s->kind[i - m->first[slice]], depth = 0;
        *kind = -1;
        if (!whole && (x < 0 || x >= g->lx || y < 0 || y >= g->ly))
            continue;
        if (s->finite)
            depth = (int)floor((m->at_A[i][2] - m->depth_A[slice]) / s->slice_A * DEPTHS +
                               0.5 * s->depths);
        if (depth < 0 || depth >= s->depths)
            continue;
        for (int k = 0; k < s->species; k++)
            if (s->z[k] == m->species[i])
                *kind = k * s->depths + depth;
        inside += *kind >= 0;
    }
    return inside;
}

/* The structure factor of the atoms of one kind, into s->sum; false if there are none. */
static bool structure_factor(aet_stem_slicer *s, const aet_stem_grid *g, const aet_stem_specimen *m,
                             int slice, const double left_A[2], int kind)
{
    int n = 0, count = m->last[slice] - m->first[slice];
    int64_t row = 2 * s->columns, half = s->hx + 1;
    for (int i = 0; i < count; i++)
        n += s->kind[i] == kind;
    for (int i = 0, a = 0; i < count; i++) {
        if (s->kind[i] != kind)
            continue;
        const double *at = m->at_A[m->first[slice] + i];
        phases((at[0] - left_A[0]) / g->lx, s->hx + 1, s->left + a * half,
               s->left + (n + a) * half);
        right_rows(s, (at[1] - left_A[1]) / g->ly, s->right + a * row, s->right + (n + a) * row);
        a++;
    }
    if (n > 0)
        aet_gemm_single(true, false, s->hx + 1, (int)row, 2 * n, 1, s->left, half, s->right, row, 0,
                        s->sum, row);
    return n > 0;
}

/* spectrum(k) += f sum(k) and spectrum(-k) += f conj(sum(k)) for one kind. */
static void add_kind(const aet_stem_slicer *s, aet_stem_grid *g, int kind)
{
    const float *table = s->factor + (int64_t)kind * (NODES + 2) * 2;
    for (int kx = 0; kx <= s->hx; kx++) {
        const float *sum = s->sum + (int64_t)kx * 2 * s->columns;
        const float *radius = s->radius + (int64_t)kx * (s->hy + 1);
        float *up = (float *)(g->spectrum + (int64_t)(s->hx + kx) * s->columns);
        float *down = (float *)(g->spectrum + (int64_t)(s->hx - kx + 1) * s->columns - 1);
        for (int c = 0; c < s->columns; c++) {
            float r = radius[c < s->hy ? s->hy - c : c - s->hy];
            int node = r > NODES ? NODES + 1 : (int)r;
            float part = node >= NODES ? 0 : r - (float)node;
            const float *a = table + 2 * node, *b = node >= NODES ? a : a + 2;
            float re = a[0] + part * (b[0] - a[0]), im = a[1] + part * (b[1] - a[1]);
            float x = sum[2 * c], y = sum[2 * c + 1];
            up[2 * c] += re * x - im * y;
            up[2 * c + 1] += re * y + im * x;
            if (kx > 0) {
                down[-2 * c] += re * x + im * y;
                down[-2 * c + 1] += im * x - re * y;
            }
        }
    }
}

/* exp(i sigma u) of the complex u in the field. */
static void transmit(const aet_stem_slicer *s, aet_stem_grid *g)
{
    float phase = (float)s->phase;
    for (int64_t i = 0; i < aet_fft_band_cells(g->nx, g->ny); i++) {
        aet_cell *u = &g->field[i];
        for (int l = 0; l < AET_LANES; l++) {
            float c, d, size = expf(-phase * u->im[l]);
            sincosf(phase * u->re[l], &d, &c);
            u->re[l] = size * c;
            u->im[l] = size * d;
        }
    }
}

aet_err aet_stem_slice(aet_stem_slicer *s, aet_stem_grid *g, const aet_stem_specimen *m, int slice,
                       const double left_A[2], bool whole)
{
    int64_t points = aet_stem_grid_wave(g);
    AET_TRY(make_room(s, m->last[slice] - m->first[slice]));
    memset(g->spectrum, 0, sizeof *g->spectrum * (size_t)points);
    if (sort_kinds(s, g, m, slice, left_A, whole) > 0)
        for (int kind = 0; kind < s->species * s->depths; kind++)
            if (structure_factor(s, g, m, slice, left_A, kind))
                add_kind(s, g, kind);
    aet_fft_band_backward(g->plan, g->spectrum, g->field);
    transmit(s, g);
    aet_fft_band_forward(g->plan, g->field, g->spectrum, g->limit);
    float scale = 1 / ((float)g->nx * (float)g->ny), *spectrum = (float *)g->spectrum;
    for (int64_t i = 0; i < 2 * points; i++)
        spectrum[i] *= scale;
    aet_fft_band_backward(g->plan, g->spectrum, g->field);
    return AET_OK;
}
