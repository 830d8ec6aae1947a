#include "aetlas/base/mem.h"
#include "aetlas/physics/geometry.h"
#include "stem_job.h"
#include <math.h>

static int clamp(double v, int n)
{
    return v < 0 ? 0 : v > n ? n : (int)v;
}

/* Marks the probes of one row that lie within the margin of (x, y). */
static void mark_row(const aet_stem_job *j, double x, double y, int iy, bool *lit)
{
    double dy = aet_stem_scan_y(j, iy) - y, rest = j->p->margin_A * j->p->margin_A - dy * dy;
    if (rest < 0)
        return;
    double origin = aet_stem_scan_x(j, 0);
    int from = clamp(ceil((x - sqrt(rest) - origin) / j->step_A), j->nx);
    int to = clamp(floor((x + sqrt(rest) - origin) / j->step_A) + 1, j->nx);
    for (int ix = from; ix < to; ix++)
        lit[(int64_t)iy * j->nx + ix] = true;
}

static void mark(const aet_stem_job *j, int tilt, bool *lit)
{
    double R[3][3], at[3], origin = aet_stem_scan_y(j, 0), margin = j->p->margin_A;
    aet_rotation(j->angles_deg[tilt], R);
    for (int i = 0; i < j->atoms->n; i++) {
        aet_rotate(R, j->atoms->position_A[i], at);
        int from = clamp(ceil((at[1] - margin - origin) / j->step_A), j->ny);
        int to = clamp(floor((at[1] + margin - origin) / j->step_A) + 1, j->ny);
        for (int iy = from; iy < to; iy++)
            mark_row(j, at[0], at[1], iy, lit);
    }
}

/* Probes of the tile at (tx, ty); the window lies around its middle. */
static void take_tile(const aet_stem_job *j, const bool *lit, int tx, int ty, aet_stem_scan *s)
{
    aet_stem_unit *u = &s->unit[s->units];
    u->first = s->n;
    for (int iy = ty; iy < ty + j->tile_y && iy < j->ny; iy++)
        for (int ix = tx; ix < tx + j->tile_x && ix < j->nx; ix++)
            if (lit[(int64_t)iy * j->nx + ix])
                s->probe[s->n++] = iy * j->nx + ix;
    u->count = s->n - u->first;
    u->left_A[0] = aet_stem_scan_x(j, tx) + 0.5 * ((j->tile_x - 1) * j->step_A - j->grid.lx);
    u->left_A[1] = aet_stem_scan_y(j, ty) + 0.5 * ((j->tile_y - 1) * j->step_A - j->grid.ly);
    s->units += u->count > 0;
}

/* On the whole cell units are as many probes as fit. */
static void cut_list(const aet_stem_job *j, int tilt, aet_stem_scan *s)
{
    for (int first = 0; first < s->n; first += j->batch) {
        aet_stem_unit *u = &s->unit[s->units++];
        u->first = first;
        u->count = s->n - first < j->batch ? s->n - first : j->batch;
        u->left_A[0] = j->middle_A[tilt][0] - 0.5 * j->lx;
        u->left_A[1] = j->middle_A[tilt][1] - 0.5 * j->ly;
    }
}

aet_err aet_stem_scan_create(const aet_stem_job *j, int tilt, aet_stem_scan *s)
{
    aet_err err = AET_OK;
    bool *lit = NULL;
    int64_t all = (int64_t)j->nx * j->ny;
    *s = (aet_stem_scan){.n = 0};
    AET_GO(AET_ARRAY(all, "lit probes", &lit));
    AET_GO(AET_ARRAY(all, "probes", &s->probe));
    int64_t most =
        j->tile_x > 0 ? (j->nx / j->tile_x + 1LL) * (j->ny / j->tile_y + 1LL) : all / j->batch + 1;
    AET_GO(AET_ARRAY(most, "tiles of probes", &s->unit));
    mark(j, tilt, lit);
    if (j->tile_x > 0) {
        for (int ty = 0; ty < j->ny; ty += j->tile_y)
            for (int tx = 0; tx < j->nx; tx += j->tile_x)
                take_tile(j, lit, tx, ty, s);
    } else {
        for (int64_t i = 0; i < all; i++)
            if (lit[i])
                s->probe[s->n++] = (int)i;
        cut_list(j, tilt, s);
    }
done:
    aet_release(&lit);
    if (err != AET_OK)
        aet_stem_scan_free(s);
    return err;
}

void aet_stem_scan_free(aet_stem_scan *s)
{
    aet_release(&s->probe);
    aet_release(&s->unit);
}
