#include "aetlas/io/angles.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/h5raster.h"
#include "aetlas/io/load.h"
#include "aetlas/io/mat.h"
#include "aetlas/io/raster.h"
#include <math.h>

static bool fits(const aet_raster_info *i)
{
    if (i->ndim == 1)
        return i->count > 0;
    return i->ndim == 2 && i->count > 0 &&
           (i->dims[0] == 1 || i->dims[1] == 1 || i->dims[0] == 3 || i->dims[1] == 3);
}

/* Where number k of image i stands: dims {3, n}
 * (MATLAB's n x 3), {n, 3}, or a single row or column. */
typedef struct {
    int64_t n, per_image, per_angle;
    int columns;
} layout;

static bool lay_out(const aet_raster *r, bool matlab, layout *l)
{
    int64_t a = r->dims[0], b = r->ndim == 2 ? r->dims[1] : 1;
    if (r->ndim > 2)
        return false;
    bool rows = b == 3, columns = a == 3;
    if (rows && columns) /* nine numbers: one image per row, as the file's own language writes it */
        *l = matlab ? (layout){3, 1, 3, 3} : (layout){3, 3, 1, 3};
    else if (rows && !(matlab && a == 1))
        *l = (layout){a, 3, 1, 3};
    else if (columns && b > 1)
        *l = (layout){b, 1, b, 3};
    else if (a == 1 || b == 1)
        *l = (layout){a * b, 1, 0, 1};
    else
        return false;
    return true;
}

static aet_err fill(const char *path, const aet_raster *r, const layout *l, double (*angles)[3])
{
    for (int64_t i = 0; i < l->n; i++) {
        for (int k = 0; k < l->columns; k++) {
            double v = aet_raster_get(r, i * l->per_image + k * l->per_angle);
            AET_CHECK(isfinite(v) && fabs(v) <= 360.0, AET_ERR_INPUT,
                      "%s: angle %d of image %lld is %g degrees; expected -360 to 360", path, k,
                      (long long)i, v);
            angles[i][l->columns == 1 ? 1 : k] = v;
        }
    }
    return AET_OK;
}

aet_err aet_angles_read(const char *path, const char *variable, int *n, double (**angles_deg)[3])
{
    aet_raster_want want = {variable, fits, "angles (one or three columns)", true};
    aet_err err = AET_OK;
    aet_raster *r = NULL;
    layout l;
    *n = 0;
    *angles_deg = NULL;
    aet_format format = aet_format_of(path);
    if (format == AET_FORMAT_TILT && !variable)
        want.name = "/tilt/angles_deg";
    if (format == AET_FORMAT_MAT)
        AET_GO(aet_mat_read(path, &want, &r));
    else if (format == AET_FORMAT_HDF5 || format == AET_FORMAT_TILT)
        AET_GO(aet_h5raster_read(path, &want, &r));
    else
        AET_GO(aet_table_read(path, &r));
    AET_GO_CHECK(lay_out(r, format == AET_FORMAT_MAT, &l) && l.n < (1 << 20), AET_ERR_INPUT,
                 "%s: %lld x %lld numbers are no angles; expected "
                 "one column (theta) or three (phi, theta, psi)",
                 path, (long long)r->dims[0], (long long)(r->ndim > 1 ? r->dims[1] : 1));
    AET_GO(AET_ARRAY(l.n, "angles", angles_deg));
    AET_GO(fill(path, r, &l, *angles_deg));
    *n = (int)l.n;
done:
    aet_raster_free(&r);
    if (err)
        aet_release(angles_deg);
    return err;
}
