/* MATLAB files: which version, which variable. */
#include "aetlas/io/mat.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/h5raster.h"
#include "mat5_priv.h"
#include <stdio.h>
#include <string.h>

/* 5, 73, or 0. */
static int version_of(const char *path)
{
    unsigned char b[128];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(b, 1, sizeof b, f) : 0;
    if (f)
        fclose(f);
    if (n < sizeof b || ((b[126] != 'I' || b[127] != 'M') && (b[126] != 'M' || b[127] != 'I')))
        return 0;
    int major = b[126] == 'M' ? b[124] : b[125];
    return major == 2 ? 73 : 5;
}

bool aet_mat_is(const char *path)
{
    return version_of(path) != 0;
}

aet_err aet_mat_list(const char *path, aet_raster_info **infos, int *n)
{
    *infos = NULL;
    if (version_of(path) == 73)
        return aet_h5raster_list(path, infos, n);
    return mat5_scan(path, infos, n, -1, false, NULL);
}

aet_err aet_mat_read(const char *path, const aet_raster_want *want, aet_raster **r)
{
    aet_raster_info *infos = NULL;
    int n = 0, index = 0;
    *r = NULL;
    if (version_of(path) == 73)
        return aet_h5raster_read(path, want, r);
    aet_err err = mat5_scan(path, &infos, &n, -1, false, NULL);
    if (!err)
        err = aet_raster_choose(path, infos, n, want, "--variable", &index);
    aet_release(&infos);
    if (!err)
        err = mat5_scan(path, &infos, &n, index, want->wide, r);
    aet_release(&infos);
    return err;
}
