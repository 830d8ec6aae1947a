/* HDF5 files: the only door to the library, serial and over MPI-IO.
 *
 * Reading is by one rank (Local: aet_h5_open and friends), which checks shapes, types and sizes
 * against the file before anything is trusted; only bulk slabs are read by all ranks
 * (aet_h5_read_slab). Writing is Collective over the communicator given to aet_h5_create, which may
 * be MPI_COMM_SELF. Files are written as NAME.part and renamed by aet_h5_commit.  Groups keep the
 * order of creation.
 *
 * HDF5's own error stack is silenced; its innermost reason is part of our message.
 */
#ifndef AET_IO_H5_H
#define AET_IO_H5_H

#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#define AET_H5_MAX_DIMS  8
#define AET_H5_PATH_MAX  256
#define AET_H5_ENTRY_MAX 4096 /* datasets looked at in one file */

/* Types in memory and, for what we write, in the file (little endian). */
typedef enum {
    AET_H5_F32,
    AET_H5_F64,
    AET_H5_U8,
    AET_H5_I32,
    AET_H5_I64,
    AET_H5_U16,
    AET_H5_F16 /* IEEE binary16, in memory as uint16_t (aetlas/num/half.h) */
} aet_h5_type;

/* What is known of a field before it has data: the row of a table that a noun is written from. */
typedef struct {
    const char *path; /* "/tilt/images"; groups on the way are made */
    aet_h5_type type;
    const char *unit;        /* "" leaves the attribute away */
    const char *description; /* likewise */
} aet_h5_field;

typedef struct {
    int ndim;                      /* 0: a single value */
    int64_t dims[AET_H5_MAX_DIMS]; /* slowest first */
    int64_t count;                 /* their product */
    bool numeric;                  /* integer or real */
    bool integer;
    int bytes; /* of one element */
} aet_h5_shape;

typedef struct {
    char path[AET_H5_PATH_MAX];
    char matlab_class[24]; /* attribute MATLAB_class, "" if none */
    aet_h5_shape shape;
} aet_h5_entry;

typedef struct aet_h5 aet_h5;

/* ---- reading; Local ---- */

/* INPUT when the file cannot be read, is no HDF5 file, or is cut short. */
aet_err aet_h5_open(const char *path, aet_h5 **f);
/* Closes without writing anything further; also for what was opened for writing and failed: the
 * .part file is removed.  Accepts NULL. */
void aet_h5_close(aet_h5 **f);
/* True when a dataset or group of this path exists. */
bool aet_h5_has(const aet_h5 *f, const char *path);
/* Shape and type.  INPUT when there is no such dataset, or when it claims more values than the file
 * can hold (contiguous: offset and size; chunked: 2000 times the stored bytes). */
aet_err aet_h5_look(const aet_h5 *f, const char *path, aet_h5_shape *shape);
/* All values, converted to `type`.  count must be the product of the dims (the caller's array). */
aet_err aet_h5_read(const aet_h5 *f, const char *path, aet_h5_type type, int64_t count, void *data);
/* Numbers and texts attached to a dataset or group.  _real is INPUT when it is missing or no single
 * number; _text gives false, and "" in buf, when it is missing or no text; longer text is cut. */
aet_err aet_h5_get_real(const aet_h5 *f, const char *path, const char *name, double *value);
bool aet_h5_get_text(const aet_h5 *f, const char *path, const char *name, char *buf, size_t size);
/* Names of the members of a group in order of creation (by name where the file does not keep it); a
 * group that is absent has none.  Free with aet_release. */
aet_err aet_h5_members(const aet_h5 *f, const char *group, char (**names)[AET_H5_PATH_MAX], int *n);
/* All datasets of the file that can be looked at.  Free with aet_release. */
aet_err aet_h5_list(const aet_h5 *f, aet_h5_entry **entries, int *n);

/* ---- reading; Collective ---- */

/* Planes [start, start+count) of the first dimension of a dataset of
 * `ndim` dims, into data: each rank its own (count may be 0), over
 * MPI-IO, in pieces below 1 GiB.  The shape has been looked at before. */
aet_err aet_h5_read_slab(MPI_Comm comm, const char *path, const char *dataset, aet_h5_type type,
                         int ndim, const int64_t *dims, int64_t start, int64_t count, void *data);

/* ---- writing; Collective over comm ---- */

/* Starts NAME.part.  bytes: about what will be written, to see beforehand that there is room.  On
 * one rank, files up to 32 MiB are put together in memory. */
aet_err aet_h5_create(MPI_Comm comm, const char *path, int64_t bytes, aet_h5 **f);
/* Makes a dataset and writes planes [start, start+count) of this rank; ndim 0: rank 0's value. */
aet_err aet_h5_write(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims,
                     int64_t start, int64_t count, const void *data);
/* The whole from rank 0; data of the others is not looked at. */
aet_err aet_h5_write_root(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims,
                          const void *data);
/* ---- writing piece by piece; for files on one rank (MPI_COMM_SELF) ---- */

/* Makes a dataset [items]... that is filled item by item.  level 0: plain.  1 to 9: compressed (zlib,
 * bytes shuffled) in chunks of one item and as many of its planes as make at most 8 MiB. */
aet_err aet_h5_make(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims, int level);
/* Writes item `at` of it from memory. */
aet_err aet_h5_put(aet_h5 *f, const aet_h5_field *field, int64_t at, const void *data);
/* Copies the one item of a dataset of another file, made by aet_h5_make for one item of the same
 * shape and level, to item `at`: as it is stored, nothing is unpacked. */
aet_err aet_h5_copy_item(aet_h5 *to, const aet_h5_field *field, int64_t at, const aet_h5 *from);

/* Where a part of a virtual dataset lies: `count` items of the dataset `path` of a file, whose name is
 * relative to the file that holds the virtual dataset. */
typedef struct {
    char file[AET_H5_PATH_MAX];
    int64_t count;
} aet_h5_part;
/* A dataset put together from datasets of the same path in other files, one after another; dims[0]
 * is the sum of the counts.  It opens as one array. */
aet_err aet_h5_virtual(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims,
                       const aet_h5_part *parts, int n);

/* Attributes of a group (made when missing) or dataset; the same on all ranks. */
aet_err aet_h5_set_real(aet_h5 *f, const char *path, const char *name, double value);
aet_err aet_h5_set_text(aet_h5 *f, const char *path, const char *name, const char *text);
/* Closes and renames.  On failure (full disk) nothing is left behind.  *f is NULL afterwards. */
aet_err aet_h5_commit(aet_h5 **f);

#endif
