/* Which kind of file is it? */
#include "aetlas/base/str.h"
#include "aetlas/io/h5.h"
#include "aetlas/io/load.h"
#include "aetlas/io/mat.h"
#include "aetlas/io/mrc.h"
#include "aetlas/io/tiff.h"
#include <stdio.h>
#include <string.h>

static aet_format h5_kind(const char *path)
{
    static const struct {
        const char *group;
        aet_format format;
    } ours[] = {{"/tilt/images", AET_FORMAT_TILT},
                {"/volume/density", AET_FORMAT_VOLUME},
                {"/atoms/position_A", AET_FORMAT_ATOMS},
                {"/maps", AET_FORMAT_MAPS}};
    aet_h5 *f = NULL;
    aet_format found = AET_FORMAT_HDF5;
    if (aet_h5_open(path, &f) != AET_OK)
        return found;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (aet_h5_has(f, ours[i].group))
            found = ours[i].format;
    aet_h5_close(&f);
    return found;
}

/* The first bytes of the file; their number. */
static size_t begin(const char *path, unsigned char *b, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(b, 1, size, f) : 0;
    if (f)
        fclose(f);
    return n;
}

static bool is_text(const unsigned char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (b[i] < 32 && !(b[i] >= 9 && b[i] <= 13))
            return false;
    return n > 0;
}

aet_format aet_format_of(const char *path)
{
    static const unsigned char h5[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char b[512];
    size_t n = begin(path, b, sizeof b);
    aet_format found = AET_FORMAT_UNKNOWN;
    if (n >= sizeof h5 && memcmp(b, h5, sizeof h5) == 0)
        found = h5_kind(path);
    else if (aet_mat_is(path))
        found = AET_FORMAT_MAT;
    else if (aet_tiff_is(path))
        found = AET_FORMAT_TIFF;
    else if (aet_mrc_is(path))
        found = AET_FORMAT_MRC;
    else if (is_text(b, n))
        found = aet_str_ends(path, ".xyz") || aet_str_ends(path, ".extxyz") ? AET_FORMAT_XYZ
                                                                            : AET_FORMAT_TEXT;
    aet_error_clear(); /* asking is no failure */
    return found;
}

const char *aet_format_name(aet_format format)
{
    static const char *const names[] = {"unknown",       "AETlas tilt series",
                                        "AETlas volume", "AETlas atoms",
                                        "HDF5",          "MATLAB",
                                        "MRC",           "TIFF",
                                        "XYZ",           "text",
                                        "AETlas maps"};
    return names[format];
}
