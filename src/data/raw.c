#include "aetlas/data/raw.h"

#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <stdbool.h>

enum { MAX_SIDE = 1 << 16, MAX_TILTS = 1 << 20, MAX_FRAMES = 1 << 16 };

aet_err aet_raw_create(MPI_Comm comm, int n, int frames, int ny, int nx, double pixel_A,
                       aet_raw **r)
{
    aet_err err = AET_OK;
    *r = NULL;
    AET_CHECK(n > 0 && frames > 0 && nx > 0 && ny > 0 && n <= MAX_TILTS && frames <= MAX_FRAMES &&
                  nx <= MAX_SIDE && ny <= MAX_SIDE,
              AET_ERR_INPUT,
              "a raw series of %d tilts with %d frames of %d x %d pixels is not possible", n,
              frames, nx, ny);
    aet_raw *made = AET_NEW(aet_raw, 1);
    *made =
        (aet_raw){.comm = comm, .n = n, .frames = frames, .ny = ny, .nx = nx, .pixel_A = pixel_A};
    made->slab = aet_slab_mine(n, comm);
    made->angles_deg = aet_new_bytes((size_t)n * sizeof *made->angles_deg);
    err = AET_AGREE(comm, AET_ARRAY((int64_t)made->slab.count * frames * ny * nx,
                                    "frames of the raw series", &made->images));
    if (err)
        aet_raw_free(&made);
    *r = made;
    return err;
}

void aet_raw_free(aet_raw **r)
{
    if (!*r)
        return;
    aet_raw_truth *t = (*r)->truth;
    if (t) {
        aet_release(&t->angles_deg);
        aet_release(&t->offset_px);
        aet_release(&t->matrix);
        aet_release(&(*r)->truth);
    }
    aet_release(&(*r)->images);
    aet_release(&(*r)->angles_deg);
    aet_release(r);
}

void aet_raw_add_truth(aet_raw *r)
{
    size_t n = (size_t)r->n, all = n * (size_t)r->frames;
    aet_raw_truth *t = AET_NEW(aet_raw_truth, 1);
    t->angles_deg = aet_new_bytes(n * sizeof *t->angles_deg);
    t->offset_px = aet_new_bytes(all * sizeof *t->offset_px);
    t->matrix = aet_new_bytes(all * sizeof *t->matrix);
    r->truth = t;
}

static aet_err check_frame(const aet_raw *r, int i, int f)
{
    const float *frame = aet_raw_frame(r, i, f);
    bool flat = true;
    for (int64_t p = 0; p < (int64_t)r->ny * r->nx; p++) {
        AET_CHECK(isfinite(frame[p]), AET_ERR_INPUT,
                  "tilt %d, frame %d, pixel (%d, %d) is %s; every pixel must be finite", i, f,
                  (int)(p % r->nx), (int)(p / r->nx), isnan(frame[p]) ? "NaN" : "infinite");
        flat &= frame[p] == frame[0];
    }
    AET_CHECK(!flat, AET_ERR_INPUT,
              "tilt %d, frame %d is %g everywhere: it shows nothing; leave it out", i, f,
              (double)frame[0]);
    return AET_OK;
}

static aet_err check_local(const aet_raw *r)
{
    AET_CHECK(isfinite(r->pixel_A) && r->pixel_A > 0.0, AET_ERR_INPUT,
              "pixel_A = %g; the pixel size in Angstrom must be positive", r->pixel_A);
    AET_CHECK(isfinite(r->dose_e_per_A2) && r->dose_e_per_A2 >= 0.0, AET_ERR_INPUT,
              "dose_e_per_A2 = %g; the dose cannot be negative", r->dose_e_per_A2);
    for (int i = 0; i < r->n; i++)
        for (int k = 0; k < 3; k++)
            AET_CHECK(isfinite(r->angles_deg[i][k]) && fabs(r->angles_deg[i][k]) <= 360.0,
                      AET_ERR_INPUT, "angle %d of tilt %d is %g degrees; expected -360 to 360", k,
                      i, r->angles_deg[i][k]);
    for (int i = r->slab.start; i < r->slab.start + r->slab.count; i++)
        for (int f = 0; f < r->frames; f++)
            AET_TRY(check_frame(r, i, f));
    return AET_OK;
}

aet_err aet_raw_check(const aet_raw *r)
{
    return AET_AGREE(r->comm, check_local(r));
}
