/* The group /curves of a noun's file: one table per curve, its heads in the attribute `columns`. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "io_priv.h"
#include <string.h>

#define GROUP "/curves"
enum { MAX_ROWS = 1 << 24, MAX_WIDTH = 64 };

static aet_err read_curve(const aet_h5 *f, const char *name, const char *file, aet_curve **list,
                          int *count)
{
    aet_h5_shape s;
    char path[AET_H5_PATH_MAX], description[160], text[MAX_WIDTH * 33], *save = NULL;
    const char *heads[MAX_WIDTH];
    (void)aet_fmt(path, sizeof path, "%s/%.180s", GROUP, name);
    aet_h5_get_text(f, path, "description", description, sizeof description);
    AET_TRY(aet_h5_look(f, path, &s));
    AET_CHECK(s.numeric && s.ndim == 2 && s.dims[0] <= MAX_ROWS && s.dims[1] >= 1 &&
                  s.dims[1] <= MAX_WIDTH,
              AET_ERR_INPUT, "%s: %s must be a table of numbers with up to %d columns", file, path,
              MAX_WIDTH);
    aet_h5_get_text(f, path, "columns", text, sizeof text);
    char *word = strtok_r(text, ",", &save);
    for (int i = 0; i < s.dims[1]; i++) {
        heads[i] = word ? word : "";
        word = word ? strtok_r(NULL, ",", &save) : NULL;
    }
    aet_curve *c =
        aet_curve_add(list, count, name, (int)s.dims[0], (int)s.dims[1], heads, description);
    return aet_h5_read(f, path, AET_H5_F64, s.count, c->values);
}

aet_err curves_read(const aet_h5 *f, const char *file, aet_curve **list, int *count)
{
    char(*names)[AET_H5_PATH_MAX] = NULL;
    int n = 0;
    aet_err err = aet_h5_members(f, GROUP, &names, &n);
    for (int i = 0; i < n && err == AET_OK; i++)
        err = read_curve(f, names[i], file, list, count);
    aet_release(&names);
    return err;
}

aet_err curves_write(aet_h5 *f, const aet_curve *list, int count)
{
    char path[AET_H5_PATH_MAX], heads[MAX_WIDTH * 33];
    for (int i = 0; i < count; i++) {
        const aet_curve *c = &list[i];
        const int64_t dims[2] = {c->n, c->width};
        AET_CHECK(c->width <= MAX_WIDTH, AET_ERR_BUG,
                  "the curve %s has %d columns, at most %d can be written", c->name, c->width,
                  MAX_WIDTH);
        (void)aet_fmt(path, sizeof path, "%s/%s", GROUP, c->name);
        const aet_h5_field field = {path, AET_H5_F64, "", c->description};
        AET_TRY(aet_h5_write_root(f, &field, 2, dims, c->values));
        size_t used = 0;
        heads[0] = 0;
        for (int k = 0; k < c->width; k++) {
            (void)aet_fmt(heads + used, sizeof heads - used, "%s%.32s", k ? "," : "", c->head[k]);
            used += strlen(heads + used);
        }
        AET_TRY(aet_h5_set_text(f, path, "columns", heads));
    }
    return AET_OK;
}

int64_t curves_bytes(const aet_curve *list, int count)
{
    int64_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += (int64_t)list[i].n * list[i].width * 8 + 1024;
    return bytes;
}
