/* The joint fit: passes, the weeding of peaks that the others explain, and the shared widths. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/num/sort.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "trace/trace_priv.h"
#include <math.h>

/* Positions are crude before the last pass: pairs a little too near may still move apart. */
#define CRUDE  0.9
#define WEED   4 /* passes before hopeless peaks are dropped */
#define SETTLE 2 /* passes before the shared widths follow the fits: by then the boxes are clean */

static double last_move(const aet_peaks *peaks)
{
    double sum = 0;
    for (int i = 0; i < peaks->n; i++)
        sum += peaks->peak[i].move2;
    return peaks->n ? sqrt(sum / peaks->n) : 0;
}

aet_err aet_trace_share_width(aet_peaks *peaks, double widest, bool half)
{
    double *x = NULL;
    AET_TRY(AET_ARRAY(peaks->n, "widths", &x));
    for (int a = 0; a < 3; a++) {
        int n = 0;
        for (int i = 0; i < peaks->n; i++)
            if (peaks->peak[i].own_width)
                x[n++] = peaks->peak[i].width[a];
        aet_sort(n, x);
        if (n > 0)
            peaks->shared_width[a] =
                fmin(widest, half ? sqrt(x[n / 2] * peaks->shared_width[a]) : x[n / 2]);
    }
    aet_release(&x);
    return AET_OK;
}

/* Drops the peaks that the others explain: no hill left,
 * hardly any height left, or run into a stronger one. */
static aet_err weed(const aet_trace_params *p, double voxel_A, aet_peaks *peaks,
                    aet_trace_report *r)
{
    double *x = NULL;
    bool *keep = NULL;
    int n = 0, dropped = 0;
    aet_err err = AET_ARRAY(peaks->n, "heights", &x);
    AET_GO(err);
    AET_GO(AET_ARRAY(peaks->n, "peaks to keep", &keep));
    for (int i = 0; i < peaks->n; i++)
        if (peaks->peak[i].fitted)
            x[n++] = peaks->peak[i].height;
    aet_sort(n, x);
    double least = n > 0 ? p->weakest * x[n / 2] : 0;
    for (int i = 0; i < peaks->n; i++) {
        keep[i] = peaks->peak[i].fitted && peaks->peak[i].height >= least;
        r->no_fit += !keep[i];
    }
    aet_trace_keep(peaks, keep);
    AET_GO(aet_trace_thin(peaks, CRUDE * p->min_distance_A / voxel_A, &dropped));
    r->too_near += dropped;
done:
    aet_release(&x);
    aet_release(&keep);
    return err;
}

/* Passes of fits with the neighbours taken out, until positions settle. */
static aet_err joint_fit(const aet_volume *v, const aet_block *block, const aet_trace_params *p,
                         const aet_poly *poly, aet_peaks *peaks, aet_trace_report *r)
{
    double widest = p->widest * p->min_distance_A / v->voxel_A;
    for (int pass = 0; pass < p->passes; pass++) {
        AET_CHECK(!aet_stop_now(v->comm), AET_ERR_STOPPED, "tracing was stopped in pass %d", pass);
        AET_TRY(AET_AGREE(v->comm, aet_trace_fit_own(block, v->voxel_A, p, poly, peaks)));
        AET_TRY(aet_trace_share(v->comm, peaks));
        if (pass >= SETTLE)
            AET_TRY(AET_AGREE(v->comm, aet_trace_share_width(peaks, widest, true)));
        if (pass >= WEED)
            AET_TRY(AET_AGREE(v->comm, weed(p, v->voxel_A, peaks, r)));
        r->last_move_A = last_move(peaks) * v->voxel_A;
        aet_debug("trace: pass %d, move_A = %.6f, width_voxels = %.4f %.4f %.4f", pass,
                  r->last_move_A, peaks->shared_width[0], peaks->shared_width[1],
                  peaks->shared_width[2]);
        r->passes++;
        if (pass > WEED && r->last_move_A < p->settle_A)
            break;
    }
    return AET_OK;
}

/* Each peak on its own; those of the second pass have been fitted already. */
static aet_err separate_fits(const aet_volume *v, const aet_block *block, const aet_trace_params *p,
                             aet_peaks *peaks, aet_trace_report *r)
{
    if (r->layers == 0) {
        AET_TRY(AET_AGREE(
            v->comm, aet_trace_boxes_own(block, v->voxel_A, p, AET_ORIGIN_TRACED, false, peaks)));
        AET_TRY(aet_trace_share(v->comm, peaks));
        r->passes = 1;
    }
    AET_TRY(AET_AGREE(v->comm, aet_trace_share_width(peaks, HUGE_VAL, false)));
    return AET_AGREE(v->comm, weed(p, v->voxel_A, peaks, r));
}

aet_err aet_trace_positions(const aet_volume *v, const aet_block *block, const aet_trace_params *p,
                            aet_peaks *peaks, aet_trace_report *r)
{
    aet_err err = AET_OK;
    aet_poly *poly = NULL;
    int dropped;

    if (p->method == AET_TRACE_POLYNOMIAL)
        AET_GO(AET_AGREE(v->comm, aet_poly_create(p->poly_half, &poly)));
    if (p->method == AET_TRACE_BOXES)
        AET_GO(separate_fits(v, block, p, peaks, r));
    else
        AET_GO(joint_fit(v, block, p, poly, peaks, r));
    AET_GO(AET_AGREE(v->comm, aet_trace_thin(peaks, p->min_distance_A / v->voxel_A, &dropped)));
    r->too_near += dropped;
    for (int a = 0; a < 3; a++)
        r->width_A[a] = peaks->shared_width[a] * v->voxel_A;
done:
    aet_poly_free(&poly);
    return err;
}
