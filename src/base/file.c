#include "aetlas/base/file.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool aet_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

aet_err aet_file_size(const char *path, int64_t *bytes)
{
    struct stat st;
    AET_CHECK(stat(path, &st) == 0, AET_ERR_INPUT, "%s: %s", path, strerror(errno));
    AET_CHECK(S_ISREG(st.st_mode), AET_ERR_INPUT, "%s: is not a regular file", path);
    *bytes = st.st_size;
    return AET_OK;
}

void aet_file_remove(const char *path)
{
    unlink(path);
}

aet_err aet_dir_make(const char *path)
{
    char buf[AET_PATH_MAX];
    AET_CHECK(aet_fmt(buf, sizeof buf, "%s", path), AET_ERR_USAGE, "path too long: %s", path);
    for (char *p = buf + 1; *p; p++)
        if (*p == '/') {
            *p = 0;
            mkdir(buf, 0777); /* failures show at the last part */
            *p = '/';
        }
    struct stat st;
    if (mkdir(buf, 0777) != 0) {
        int e = errno;
        AET_CHECK(stat(buf, &st) == 0 && S_ISDIR(st.st_mode), AET_ERR_OUTPUT,
                  "%s: cannot make this folder: %s", path, strerror(e));
    }
    return AET_OK;
}

aet_err aet_file_read_text(const char *path, int64_t max_bytes, char **text, int64_t *length)
{
    aet_err err = AET_OK;
    int64_t size;
    *text = NULL;
    AET_TRY(aet_file_size(path, &size));
    AET_CHECK(size <= max_bytes, AET_ERR_INPUT,
              "%s: %lld bytes is too large for this kind of file (limit %lld)", path,
              (long long)size, (long long)max_bytes);
    FILE *f = fopen(path, "rb");
    AET_CHECK(f, AET_ERR_INPUT, "%s: %s", path, strerror(errno));
    AET_GO(AET_ARRAY(size + 1, path, text));
    AET_GO_CHECK(fread(*text, 1, (size_t)size, f) == (size_t)size, AET_ERR_INPUT,
                 "%s: could not be read whole", path);
    if (length)
        *length = size;
done:
    fclose(f);
    if (err)
        aet_release(text);
    return err;
}

void aet_part_name(const char *path, char part[AET_PATH_MAX])
{
    if (!aet_fmt(part, AET_PATH_MAX, "%s.part", path))
        part[0] = 0; /* cut short it might be another file; this is none, and opening it fails */
}

/* The rename is only safe once the data are on the disk. */
static int sync_file(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    int status = fsync(fd);
    int e = errno;
    close(fd);
    errno = e;
    return status != 0 && e != EINVAL && e != EROFS ? -1 : 0;
}

/* A rename onto /dev/null, a pipe or a folder would take it away from everybody else. */
static aet_err check_replaceable(const char *path)
{
    struct stat st;
    AET_CHECK(stat(path, &st) != 0 || S_ISREG(st.st_mode), AET_ERR_OUTPUT,
              "%s: exists and is not a regular file: it will not be replaced", path);
    return AET_OK;
}

aet_err aet_part_commit(const char *path)
{
    char part[AET_PATH_MAX];
    aet_part_name(path, part);
    aet_err err = check_replaceable(path);
    if (err) {
        unlink(part);
        return err;
    }
    if (sync_file(part) != 0 || rename(part, path) != 0) {
        int e = errno;
        unlink(part);
        AET_FAIL(AET_ERR_OUTPUT, "%s: cannot be put in place: %s", path, strerror(e));
    }
    return AET_OK;
}

void aet_part_discard(const char *path)
{
    char part[AET_PATH_MAX];
    aet_part_name(path, part);
    unlink(part);
}

aet_err aet_writer_open(const char *path, FILE **f)
{
    char part[AET_PATH_MAX];
    aet_part_name(path, part);
    AET_TRY(check_replaceable(path));
    *f = fopen(part, "wb");
    AET_CHECK(*f, AET_ERR_OUTPUT, "%s: cannot be written: %s", path, strerror(errno));
    return AET_OK;
}

aet_err aet_writer_close(const char *path, FILE **f)
{
    bool bad = ferror(*f) != 0;
    errno = 0;
    bad |= fclose(*f) != 0;
    int e = errno;
    *f = NULL;
    if (bad) {
        aet_part_discard(path);
        AET_FAIL(AET_ERR_OUTPUT, "%s: could not be written whole: %s; nothing was kept", path,
                 e ? strerror(e) : "write error (disk full?)");
    }
    return aet_part_commit(path);
}

void aet_writer_abandon(const char *path, FILE **f)
{
    if (*f)
        fclose(*f);
    *f = NULL;
    aet_part_discard(path);
}
