/* Where the probe is while a frame is scanned.
 *
 * The specimen moves by o(t) = shift + drift (t - 1/2) during a frame, t = (line + 1/2) / lines, and
 * the probe stands at S (pixel - pivot), so pixel (i, j) looks at S (i - cx, j - cy) - o(t_j) of the
 * undistorted image.  Linear in (i, j): M (pixel - pivot) - offset, with M = S - drift (0, 1/lines);
 * undone: pixel = pivot + M^-1 (point + offset).  S is upper triangular and drift acts on the second
 * column only, so a scan line always lies along x.
 */
#include "aetlas/base/rng.h"
#include "series_priv.h"
#include <math.h>

aet_motion aet_motion_of(const aet_series_params *p, int seed, int tilt, int frame)
{
    aet_rng key = {(uint64_t)seed, (uint32_t)tilt, AET_RNG_DRIFT};
    aet_motion m;
    double z[4];
    aet_rng_normal4(key, 0, z);
    for (int k = 0; k < 2; k++) {
        m.drift_px[k] = p->drift_px * z[2 + k];
        m.shift_px[k] = p->stage_px * z[k] + m.drift_px[k] * (frame + 0.5 - 0.5 * p->frames);
    }
    for (int f = 1; f <= frame; f++) {
        aet_rng_normal4(key, (uint64_t)f, z);
        for (int k = 0; k < 2; k++)
            m.shift_px[k] += p->walk_px * z[k];
    }
    return m;
}

/* M of the head comment; its second row is (0, yy). */
typedef struct {
    double xx, xy, yy;
} scan_matrix;

static scan_matrix matrix_of(const aet_series_params *p, const aet_motion *m, int ny)
{
    return (scan_matrix){1 + p->scan_x, p->scan_shear - m->drift_px[0] / ny,
                         1 + p->scan_y - m->drift_px[1] / ny};
}

aet_err aet_motion_truth(const aet_series_params *p, const aet_motion *m, int ny,
                         double offset_px[2], double matrix[4])
{
    scan_matrix s = matrix_of(p, m, ny);
    AET_CHECK(s.yy > 0.2, AET_ERR_USAGE,
              "a drift of %.3g pixels during a frame of %d lines outruns the scan; series.drift_px "
              "is too large",
              m->drift_px[1], ny);
    double t = (ny / 2 + 0.5) / ny - 0.5; /* of the pivot's line */
    double at[2] = {m->shift_px[0] + m->drift_px[0] * t, m->shift_px[1] + m->drift_px[1] * t};
    matrix[0] = 1 / s.xx;
    matrix[1] = -s.xy / (s.xx * s.yy);
    matrix[2] = 0;
    matrix[3] = 1 / s.yy;
    offset_px[0] = matrix[0] * at[0] + matrix[1] * at[1];
    offset_px[1] = matrix[3] * at[1];
    return AET_OK;
}

void aet_motion_lines(const aet_series_params *p, const aet_motion *m, int seed, int tilt,
                      int frame, int nx, int ny, double *line_x, double *line_y)
{
    aet_rng key = {(uint64_t)seed, (uint32_t)tilt, AET_RNG_JITTER};
    int cx = nx / 2, cy = ny / 2;
    double z[4], step = 1 + p->scan_x;
    for (int j = 0; j < ny; j++) {
        double t = (j + 0.5) / ny - 0.5;
        if (j % 4 == 0)
            aet_rng_normal4(key, (uint64_t)frame * (uint64_t)ny + (uint64_t)j, z);
        double x = cx - step * cx + p->scan_shear * (j - cy) - m->shift_px[0] - m->drift_px[0] * t +
                   p->jitter_px * z[j % 4];
        double y = cy + (1 + p->scan_y) * (j - cy) - m->shift_px[1] - m->drift_px[1] * t;
        line_x[j] = x / step;
        line_y[j] = y / step;
    }
}
