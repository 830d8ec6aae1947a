/* Inside the HDF5 door only (h5.c, h5_data.c, h5_room.c). */
#ifndef AET_H5_PRIV_H
#define AET_H5_PRIV_H

#include "aetlas/base/file.h"
#include "aetlas/io/h5.h"
#define H5_USE_110_API /* one meaning of the versioned names in 1.10, 1.12 and 1.14 */
#include <hdf5.h>

struct aet_h5 {
    MPI_Comm comm; /* MPI_COMM_NULL when open for reading */
    int rank, size;
    hid_t id;
    bool in_memory; /* put together in memory, written at the end in one piece */
    void *image;    /* its bytes, ours once HDF5 has closed it; malloc */
    size_t image_bytes;
    bool committed;
    int64_t bytes; /* size of the file that is read */
    char path[AET_PATH_MAX];
};

/* A failure whose text ends with the innermost reason HDF5 gives. */
aet_err h5_fail(aet_err code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Memory type and file type of ours. */
hid_t h5_mem_type(aet_h5_type type);
hid_t h5_file_type(aet_h5_type type);
size_t h5_type_bytes(aet_h5_type type);
/* A new dataset without values; the creation properties are the caller's (chunks, virtual parts). */
hid_t h5_new_dataset(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims,
                     hid_t dcpl);
/* Collective over f.  Unit and description of a dataset that exists. */
aet_err h5_describe(aet_h5 *f, const aet_h5_field *field);
/* Makes the groups of an absolute path; with `whole` the last part too. */
aet_err h5_make_groups(aet_h5 *f, const char *path, bool whole);
/* File access properties over MPI-IO (or plain for one rank). */
hid_t h5_access(MPI_Comm comm, int size);

/* Room on the disk (h5_room.c), rank 0 only: HDF5 1.10 crashes at its end when a write fails as it
 * closes a file, so what can be known is found out before, and small files never meet the disk. */
aet_err h5_check_room(const char *path, int64_t bytes);
aet_err h5_reserve(const aet_h5 *f, int64_t bytes);
aet_err h5_trim_commit(const aet_h5 *f);
/* Collective.  A file that is given up is emptied,
 * so that what HDF5 still wants to write finds room. */
void h5_make_room(const aet_h5 *f);
void h5_memory_driver(aet_h5 *f, hid_t fapl);
aet_err h5_memory_save(const aet_h5 *f);

#endif
