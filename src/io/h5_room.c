/* Room on the disk for HDF5 files, and small files put together in memory. */
#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "h5_priv.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MEMORY_STEP = 1 << 16 };

/* Whether a file of that size can grow in the folder: HDF5 copes badly with a disk that fills up
 * while it writes, so look before. */
aet_err h5_check_room(const char *path, int64_t bytes)
{
    char dir[AET_PATH_MAX], part[AET_PATH_MAX];
    struct statvfs fs;
    struct rlimit lim;
    aet_part_name(path, part);
    aet_path_dir(path, dir, sizeof dir);
    if (statvfs(dir, &fs) == 0) {
        double room = (double)fs.f_bavail * (double)fs.f_frsize;
        AET_CHECK(room >= (double)bytes, AET_ERR_OUTPUT,
                  "%s: no space: %.1f MB are to be written, %.1f MB are free in %s", path,
                  (double)bytes / 1e6, room / 1e6, dir);
    }
    if (getrlimit(RLIMIT_FSIZE, &lim) == 0 && lim.rlim_cur != RLIM_INFINITY)
        AET_CHECK((double)lim.rlim_cur >= (double)bytes, AET_ERR_OUTPUT,
                  "%s: %.1f MB are to be written, the file size limit (ulimit -f) is %.1f MB", path,
                  (double)bytes / 1e6, (double)lim.rlim_cur / 1e6);
    /* Tells unwritable folders by the system's own words. */
    FILE *probe = NULL;
    AET_TRY(aet_writer_open(path, &probe));
    aet_writer_abandon(path, &probe);
    return AET_OK;
}

/* Takes the blocks now, beyond the end of the file; where
 * the file system cannot, what statvfs said must do. */
aet_err h5_reserve(const aet_h5 *f, int64_t bytes)
{
    char part[AET_PATH_MAX];
    aet_part_name(f->path, part);
    int fd = open(part, O_WRONLY | O_CLOEXEC);
    AET_CHECK(fd >= 0, AET_ERR_OUTPUT, "%s: %s", part, strerror(errno));
    bool full =
        fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, bytes) != 0 && (errno == ENOSPC || errno == EDQUOT);
    int e = errno;
    close(fd);
    AET_CHECK(!full, AET_ERR_OUTPUT, "%s: %.1f MB cannot be reserved: %s", f->path,
              (double)bytes / 1e6, strerror(e));
    return AET_OK;
}

/* Gives back what was reserved too much, then puts the file in place. */
aet_err h5_trim_commit(const aet_h5 *f)
{
    char part[AET_PATH_MAX];
    struct stat st;
    aet_part_name(f->path, part);
    AET_CHECK(stat(part, &st) == 0 && truncate(part, st.st_size) == 0, AET_ERR_OUTPUT, "%s: %s",
              part, strerror(errno));
    return aet_part_commit(f->path);
}

void h5_make_room(const aet_h5 *f)
{
    char part[AET_PATH_MAX];
    aet_part_name(f->path, part);
    if (f->rank == 0 && truncate(part, 0) != 0)
        aet_debug("%s: %s", part, strerror(errno));
    MPI_Barrier(f->comm);
}

/* ---- files in memory: HDF5's core driver, whose buffer is kept when the file is closed ---- */

static void *image_malloc(size_t size, H5FD_file_image_op_t op, void *ctx)
{
    (void)op;
    (void)ctx;
    return malloc(size);
}

static void *image_resize(void *p, size_t size, H5FD_file_image_op_t op, void *ctx)
{
    aet_h5 *f = ctx;
    void *q = realloc(p, size);
    if (q && op == H5FD_FILE_IMAGE_OP_FILE_RESIZE)
        f->image_bytes = size;
    return q;
}

static herr_t image_free(void *p, H5FD_file_image_op_t op, void *ctx)
{
    aet_h5 *f = ctx;
    if (op == H5FD_FILE_IMAGE_OP_FILE_CLOSE)
        f->image = p;
    else
        free(p);
    return 0;
}

static void *same(void *ctx)
{
    return ctx;
}

static herr_t nothing(void *ctx)
{
    (void)ctx;
    return 0;
}

void h5_memory_driver(aet_h5 *f, hid_t fapl)
{
    H5FD_file_image_callbacks_t calls = {image_malloc, NULL, image_resize, image_free, same,
                                         nothing,      f};
    H5Pset_fapl_core(fapl, MEMORY_STEP, false);
    H5Pset_file_image_callbacks(fapl, &calls);
}

/* The buffer grows in steps; where the file ends stands in the superblock (HDF5 file format
 * specification 3.0, section II.A, version 2: 8 bytes, little endian, at byte 28). */
static size_t image_end(const aet_h5 *f)
{
    const unsigned char *b = f->image;
    uint64_t end = 0;
    if (f->image_bytes < 48 || b[8] != 2 || b[9] != 8)
        return f->image_bytes;
    for (int i = 7; i >= 0; i--)
        end = end << 8 | b[28 + i];
    return end < f->image_bytes ? (size_t)end : f->image_bytes;
}

aet_err h5_memory_save(const aet_h5 *f)
{
    FILE *out = NULL;
    AET_CHECK(f->image && f->image_bytes > 0, AET_ERR_OUTPUT, "%s: HDF5 gave no file", f->path);
    AET_TRY(aet_writer_open(f->path, &out));
    (void)fwrite(f->image, 1, image_end(f), out); /* checked by aet_writer_close */
    return aet_writer_close(f->path, &out);
}
