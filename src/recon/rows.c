/* From half spectra along x to rows, 16 of them side by side.
 *
 * The results are real, so two rows a, b share a transform: that of a + ib. */
#include "aetlas/base/mem.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

aet_err recon_rows_create(int m, int nx, int first_x, int rows, double scale, recon_rows *r)
{
    *r = (recon_rows){.m = m,
                      .nx = nx,
                      .first_x = first_x,
                      .rows = rows + rows % 2,
                      .pitch = (nx + AET_LANES - 1) / AET_LANES * AET_LANES,
                      .scale = (float)scale};
    AET_TRY(aet_lanes_create(m, &r->plan));
    AET_TRY(AET_ARRAY(m, "order of frequencies", &r->place));
    for (int k = 0; k < m; k++)
        r->place[aet_lanes_frequency(r->plan, k)] = k;
    AET_TRY(AET_ARRAY(2 * m, "waves", &r->wave));
    for (int k = 0; k < m; k++) {
        r->wave[2 * k] = (float)cos(2 * M_PI * k / m);
        r->wave[2 * k + 1] = (float)sin(2 * M_PI * k / m);
    }
    AET_TRY(AET_ARRAY(m, "line of waves", &r->line));
    return AET_ARRAY((int64_t)AET_LANES * r->rows * r->pitch, "planes of a sum of waves", &r->out);
}

void recon_rows_free(recon_rows *r)
{
    aet_lanes_free(&r->plan);
    aet_release(&r->place);
    aet_release(&r->wave);
    aet_release(&r->line);
    aet_release(&r->out);
}

int recon_rows_planes(int m, int rank, int size)
{
    int half = (m - 1) / 2 + 1; /* kx = 0 ... (m-1)/2 */

    return rank < half ? (half - rank - 1) / size + 1 : 0;
}

static void pair_load(const recon_rows *r, int kx, const aet_cell *a, const aet_cell *b)
{
    aet_cell *low = r->line + r->place[kx];

    if (kx == 0) { /* both Friedel mates are there: half of each */
        *low = (aet_cell){a->re, b->re};
        return;
    }
    *low = (aet_cell){a->re - b->im, a->im + b->re};
    r->line[r->place[r->m - kx]] = (aet_cell){a->re + b->im, b->re - a->im};
}

static void pair_store(const recon_rows *r, int row)
{
    aet_lane a[AET_LANES], b[AET_LANES];

    for (int x = 0; x < r->pitch; x += AET_LANES) {
        for (int i = 0; i < AET_LANES; i++) {
            const aet_cell *from = r->line + (x + i + r->first_x + r->m) % r->m;
            a[i] = r->scale * from->re;
            b[i] = r->scale * from->im;
        }
        aet_lanes_transpose(a);
        aet_lanes_transpose(b);
        for (int l = 0; l < AET_LANES; l++) {
            float *to = r->out + ((int64_t)l * r->rows + row) * r->pitch + x;
            *(aet_lane *)to = a[l];
            *(aet_lane *)(to + r->pitch) = b[l];
        }
    }
}

void recon_rows_make(recon_rows *r, const aet_cell *spectra, int size)
{
    for (int row = 0; row < r->rows; row += 2) {
        const aet_cell *from = spectra + row;
        memset(r->line, 0, (size_t)r->m * sizeof *r->line);
        for (int rank = 0; rank < size; rank++)
            for (int i = 0; i < recon_rows_planes(r->m, rank, size); i++, from += r->rows)
                pair_load(r, rank + i * size, from, from + 1);
        aet_lanes_backward(r->plan, r->line);
        pair_store(r, row);
    }
}
