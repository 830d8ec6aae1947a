#include "aetlas/io/h5raster.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/h5.h"
#include <math.h>
#include <string.h>

static bool is_variable(const aet_h5_entry *e)
{
    return strncmp(e->path, "/#refs#", 7) != 0 && strncmp(e->path, "/#subsystem#", 12) != 0;
}

static void describe(const aet_h5_entry *e, aet_raster_info *info)
{
    *info = (aet_raster_info){.ndim = e->shape.ndim, .count = e->shape.count};
    (void)aet_fmt(info->name, sizeof info->name, "%.120s", e->path);
    (void)aet_fmt(info->type, sizeof info->type, "%s%.0d",
                  !e->shape.numeric  ? "other"
                  : e->shape.integer ? "integer"
                                     : "real",
                  e->shape.numeric ? 8 * e->shape.bytes : 0);
    if (e->matlab_class[0])
        (void)aet_fmt(info->type, sizeof info->type, "%.15s", e->matlab_class);
    /* Texts and the references of cells and structs are no numbers, whatever their storage. */
    info->numeric = e->shape.numeric && e->shape.ndim > 0 && strcmp(e->matlab_class, "char") != 0 &&
                    strcmp(e->matlab_class, "cell") != 0 && strlen(e->path) < sizeof info->name;
    for (int i = 0; i < e->shape.ndim; i++)
        info->dims[i] = e->shape.dims[i];
}

static aet_err list_open(const aet_h5 *f, aet_raster_info **infos, int *n)
{
    aet_h5_entry *entries = NULL;
    int count = 0;
    aet_err err = aet_h5_list(f, &entries, &count);
    *infos = AET_NEW(aet_raster_info, count + 1);
    *n = 0;
    for (int i = 0; i < count; i++)
        if (is_variable(&entries[i]))
            describe(&entries[i], &(*infos)[(*n)++]);
    aet_release(&entries);
    return err;
}

aet_err aet_h5raster_list(const char *path, aet_raster_info **infos, int *n)
{
    aet_h5 *f = NULL;
    *infos = NULL;
    *n = 0;
    AET_TRY(aet_h5_open(path, &f));
    aet_err err = list_open(f, infos, n);
    aet_h5_close(&f);
    return err;
}

/* The step of axis dimK beside the dataset, in Angstrom; 0 when there is none. */
static double axis_step(const aet_h5 *f, const char *dataset, int axis)
{
    char path[AET_H5_PATH_MAX], unit[32];
    double first[2], *values = NULL, step = 0.0;
    aet_h5_shape s;
    const char *slash = strrchr(dataset, '/');
    (void)aet_fmt(path, sizeof path, "%.*s/dim%d", slash ? (int)(slash - dataset) : 0, dataset,
                  axis + 1);
    if (!aet_h5_has(f, path) || aet_h5_look(f, path, &s) != AET_OK || !s.numeric || s.count < 2 ||
        s.count > 1 << 20 || !aet_h5_get_text(f, path, "units", unit, sizeof unit))
        return 0.0;
    double factor = !strcmp(unit, "[n_m]") || !strcmp(unit, "nm")                             ? 10.0
                    : !strcmp(unit, "[A]") || !strcmp(unit, "A") || !strcmp(unit, "\xc3\x85") ? 1.0
                                                                                              : 0.0;
    if (AET_ARRAY(s.count, "axis", &values) == AET_OK &&
        aet_h5_read(f, path, AET_H5_F64, s.count, values) == AET_OK) {
        memcpy(first, values, sizeof first);
        step = fabs(first[1] - first[0]) * factor;
    }
    aet_release(&values);
    return isfinite(step) ? step : 0.0;
}

aet_err aet_h5raster_read(const char *path, const aet_raster_want *want, aet_raster **r)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    aet_raster_info *infos = NULL;
    int n = 0, i = 0;
    *r = NULL;
    AET_GO(aet_h5_open(path, &f));
    AET_GO(list_open(f, &infos, &n));
    AET_GO(aet_raster_choose(path, infos, n, want, "--dataset", &i));
    AET_GO(aet_error_frame(aet_raster_create(infos[i].ndim, infos[i].dims, want->wide, r), "%s: %s",
                           path, infos[i].name));
    AET_GO(aet_h5_read(f, infos[i].name, want->wide ? AET_H5_F64 : AET_H5_F32, (*r)->count,
                       want->wide ? (void *)(*r)->f64 : (void *)(*r)->f32));
    (*r)->pixel_A = axis_step(f, infos[i].name, infos[i].ndim - 1);
done:
    aet_h5_close(&f);
    aet_release(&infos);
    if (err)
        aet_raster_free(r);
    return err;
}
