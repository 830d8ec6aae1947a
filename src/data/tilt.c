#include "aetlas/data/tilt.h"

#include "aetlas/base/mem.h"
#include <math.h>
#include <stdbool.h>

enum { MAX_SIDE = 1 << 16, MAX_IMAGES = 1 << 20 };

aet_err aet_tilt_create(int n, int ny, int nx, double pixel_A, aet_tilt **t)
{
    aet_err err = AET_OK;
    *t = NULL;
    AET_CHECK(n > 0 && nx > 0 && ny > 0 && n <= MAX_IMAGES && nx <= MAX_SIDE && ny <= MAX_SIDE,
              AET_ERR_INPUT, "a tilt series of %d images of %d x %d pixels is not possible", n, nx,
              ny);
    aet_tilt *made = AET_NEW(aet_tilt, 1);
    *made = (aet_tilt){.n = n, .ny = ny, .nx = nx, .pixel_A = pixel_A};
    AET_GO(AET_ARRAY((int64_t)n * ny * nx, "images of the tilt series", &made->images));
    AET_GO(AET_ARRAY(n, "angles", &made->angles_deg));
    *t = made;
    return AET_OK;
done:
    aet_tilt_free(&made);
    return err;
}

void aet_tilt_free(aet_tilt **t)
{
    if (!*t)
        return;
    aet_release(&(*t)->images);
    aet_release(&(*t)->angles_deg);
    aet_release(t);
}

static aet_err check_image(const aet_tilt *t, int i)
{
    const float *image = aet_tilt_image(t, i);
    bool all_zero = true;
    for (int64_t p = 0; p < (int64_t)t->ny * t->nx; p++) {
        AET_CHECK(isfinite(image[p]), AET_ERR_INPUT,
                  "image %d, pixel (%d, %d) is %s; every pixel must be finite", i, (int)(p % t->nx),
                  (int)(p / t->nx), isnan(image[p]) ? "NaN" : "infinite");
        all_zero &= image[p] == 0.0f;
    }
    AET_CHECK(!all_zero, AET_ERR_INPUT, "image %d is zero everywhere; leave it and its angle out",
              i);
    return AET_OK;
}

aet_err aet_tilt_check(const aet_tilt *t)
{
    AET_CHECK(t->n > 0 && t->nx > 0 && t->ny > 0, AET_ERR_INPUT, "empty tilt series");
    AET_CHECK(isfinite(t->pixel_A) && t->pixel_A > 0.0, AET_ERR_INPUT,
              "pixel_A = %g; the pixel size in Angstrom must be positive", t->pixel_A);
    for (int i = 0; i < t->n; i++) {
        for (int j = 0; j < 3; j++)
            AET_CHECK(isfinite(t->angles_deg[i][j]) && fabs(t->angles_deg[i][j]) <= 360.0,
                      AET_ERR_INPUT, "angle %d of image %d is %g degrees; expected -360 to 360", j,
                      i, t->angles_deg[i][j]);
        AET_TRY(check_image(t, i));
    }
    return AET_OK;
}
