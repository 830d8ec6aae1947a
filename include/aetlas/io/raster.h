/* A plain array of numbers out of a foreign file, before it is a noun.
 *
 * dims are slowest first, as in C: an array (Nx,Ny,n) of MATLAB, which is stored column by column,
 * is dims {n, Ny, Nx}.  Values are float or, where asked for (`wide`: positions, angles), double.
 * Everything is Local: one rank reads.
 */
#ifndef AET_IO_RASTER_H
#define AET_IO_RASTER_H

#include "aetlas/base/error.h"
#include <stdbool.h>
#include <stdint.h>

#define AET_RASTER_DIMS 4

typedef struct {
    int ndim;
    int64_t dims[AET_RASTER_DIMS];
    int64_t count;  /* product of dims */
    float *f32;     /* owned; NULL when wide */
    double *f64;    /* owned; NULL unless wide */
    double pixel_A; /* 0 when the file does not say */
} aet_raster;

/* What a file holds: a variable, a dataset, an image stack. */
typedef struct {
    char name[128];
    char type[16]; /* "double", "uint8", "struct", ... */
    bool numeric;  /* could be read as a raster */
    int ndim;      /* may exceed AET_RASTER_DIMS */
    int64_t dims[8];
    int64_t count;
} aet_raster_info;

/* Which array of a file is meant: the one of this
 * name or, when name is NULL, the only one that fits. */
typedef struct {
    const char *name;
    bool (*fits)(const aet_raster_info *info);
    const char *what; /* "a tilt series (three-dimensional)" */
    bool wide;
} aet_raster_want;

/* Allocates the values.  INPUT when dims are not positive or the product is absurd; NOMEM. */
aet_err aet_raster_create(int ndim, const int64_t *dims, bool wide, aet_raster **r);
void aet_raster_free(aet_raster **r);
static inline double aet_raster_get(const aet_raster *r, int64_t i)
{
    return r->f64 ? r->f64[i] : (double)r->f32[i];
}
/* Converts `n` stored values to places at, at+1, ... of r.  code: 'b' 'B' (8 bit), 'h' 'H' (16),
 * 'i' 'I' (32), 'l' 'L' (64; small letters are signed), 'e' (half), 'f', 'd'.  swap: the bytes of
 * each are reversed. */
void aet_raster_put(aet_raster *r, int64_t at, int64_t n, char code, bool swap, const void *bytes);
/* Bytes of one value of that code, 0 when unknown. */
int aet_raster_width(char code);

/* The index of the array that is wanted among n.  INPUT, listing
 * what there is, when none or several fit, or when the named one is
 * absent or not numeric.  option: how to name one ("--variable"). */
aet_err aet_raster_choose(const char *path, const aet_raster_info *infos, int n,
                          const aet_raster_want *want, const char *option, int *index);
/* "double 3 x 4281", dims as stored, slowest first. */
void aet_raster_describe(const aet_raster_info *info, char *buf, size_t size);

/* A table of numbers in text: columns separated by blanks, commas or semicolons, the same number in
 * each line; lines that start with # or % and one heading are skipped.  dims {rows, columns}, wide.
 * INPUT names the line. */
aet_err aet_table_read(const char *path, aet_raster **r);

#endif
