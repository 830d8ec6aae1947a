/* Finished items in files, so that a series that was interrupted can go on.
 *
 * A file is a head and the sums of one tilt in one configuration, whole numbers, in the byte order of the machine.
 * Files appear under their names when they are complete (base/file), so one that is there, with the fingerprint
 * of this series, counts. */
#include "aetlas/base/config.h"
#include "aetlas/base/hash.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "stem_job.h"
#include <dirent.h>
#include <string.h>
#include <unistd.h>

static const char ending[] = ".sums";

typedef struct {
    char kind[8];
    uint64_t fingerprint;
    int32_t nx, ny;
    uint64_t hash; /* of the sums */
} file_head;

static void item_path(const aet_stem_kept *k, const aet_stem_job *j, int item,
                      char path[AET_PATH_MAX])
{
    char name[64];
    aet_fmt(name, sizeof name, "tilt-%05d-%05d%s", item / j->configurations,
            item % j->configurations, ending);
    aet_path_join(path, AET_PATH_MAX, k->folder, name);
}

/* What decides the sums: not what is done with them, nor the memory to do it in. */
static uint64_t fingerprint_of(const aet_stem_job *j)
{
    aet_stem_params p = *j->p;
    p.dose_e_per_A2 = p.source_sigma_A = 0;
    p.memory_GB = 1;
    char *text = aet_config_text(&aet_stem_table, &p);
    uint64_t hash = aet_hash_text(AET_HASH_START, text);
    aet_release(&text);
    hash = aet_hash_bytes(hash, j->angles_deg, (size_t)j->tilts * sizeof *j->angles_deg);
    hash = aet_hash_bytes(hash, j->atoms->position_A,
                          (size_t)j->atoms->n * sizeof *j->atoms->position_A);
    return aet_hash_bytes(hash, j->atoms->species, (size_t)j->atoms->n);
}

static bool read_head(FILE *f, const aet_stem_kept *k, file_head *h)
{
    return fread(h, sizeof *h, 1, f) == 1 && memcmp(h->kind, "aetstem1", 8) == 0 &&
           h->fingerprint == k->fingerprint;
}

/* Of this series, and whole. */
static bool is_there(const aet_stem_kept *k, const aet_stem_job *j, int item)
{
    enum { PIECE = 4096 };
    char path[AET_PATH_MAX];
    int64_t piece[PIECE];
    uint64_t hash = AET_HASH_START;
    file_head h = {.nx = 0};
    item_path(k, j, item, path);
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    bool good = read_head(f, k, &h);
    for (size_t n; good && (n = fread(piece, sizeof *piece, PIECE, f)) > 0;)
        hash = aet_hash_bytes(hash, piece, n * sizeof *piece);
    fclose(f);
    return good && hash == h.hash;
}

aet_err aet_stem_kept_open(MPI_Comm comm, const aet_stem_job *j, const char *folder,
                           aet_stem_kept *k)
{
    int rank, items = j->tilts * j->configurations;
    MPI_Comm_rank(comm, &rank);
    aet_fmt(k->folder, sizeof k->folder, "%s", folder);
    k->fingerprint = fingerprint_of(j);
    AET_TRY(AET_AGREE(comm, rank == 0 ? aet_dir_make(folder) : AET_OK));
    AET_TRY(AET_AGREE(comm, AET_ARRAY(items, "items of a series", &k->todo)));
    for (int i = 0; i < items && rank == 0; i++)
        if (!is_there(k, j, i))
            k->todo[k->n++] = i;
    MPI_Bcast(&k->n, 1, MPI_INT, 0, comm);
    MPI_Bcast(k->todo, k->n, MPI_INT, 0, comm);
    return AET_OK;
}

void aet_stem_kept_close(aet_stem_kept *k)
{
    aet_release(&k->todo);
}

static aet_err write_item(const aet_stem_job *j, int item, const int64_t *sum)
{
    char path[AET_PATH_MAX];
    FILE *f = NULL;
    size_t n = (size_t)j->nx * (size_t)j->ny;
    file_head h = {"aetstem1", j->kept->fingerprint, j->nx, j->ny,
                   aet_hash_bytes(AET_HASH_START, sum, n * sizeof *sum)};
    item_path(j->kept, j, item, path);
    AET_TRY(aet_writer_open(path, &f));
    fwrite(&h, sizeof h, 1, f); /* what fails shows when the file is closed */
    fwrite(sum, sizeof *sum, n, f);
    return aet_writer_close(path, &f);
}

aet_err aet_stem_kept_put(MPI_Comm group, aet_stem_job *j, int item)
{
    int rank, pixels = j->nx * j->ny;
    int64_t *sum = j->sum + (int64_t)(item / j->configurations) * pixels;
    MPI_Comm_rank(group, &rank);
    MPI_Reduce(rank == 0 ? MPI_IN_PLACE : sum, sum, pixels, MPI_INT64_T, MPI_SUM, 0, group);
    aet_err err = rank == 0 ? write_item(j, item, sum) : AET_OK;
    memset(sum, 0, (size_t)pixels * sizeof *sum);
    return AET_AGREE(group, err);
}

void aet_stem_kept_drop(aet_stem_job *j, int item)
{
    size_t pixels = (size_t)j->nx * (size_t)j->ny;
    memset(j->sum + (size_t)(item / j->configurations) * pixels, 0, pixels * sizeof *j->sum);
}

/* Adds an item to the sums of its tilt. */
static aet_err read_item(aet_stem_job *j, int item, int64_t *room)
{
    char path[AET_PATH_MAX];
    file_head h;
    size_t n = (size_t)j->nx * (size_t)j->ny;
    int64_t *sum = j->sum + (int64_t)(item / j->configurations) * (int64_t)n;
    item_path(j->kept, j, item, path);
    FILE *f = fopen(path, "rb");
    bool good = f && read_head(f, j->kept, &h) && h.nx == j->nx && h.ny == j->ny &&
                fread(room, sizeof *room, n, f) == n &&
                aet_hash_bytes(AET_HASH_START, room, n * sizeof *room) == h.hash;
    if (f)
        fclose(f);
    AET_CHECK(good, AET_ERR_INPUT,
              "%s is missing or damaged; remove it and run again to have it made anew", path);
    for (size_t i = 0; i < n; i++)
        sum[i] += room[i];
    return AET_OK;
}

static aet_err read_share(aet_stem_job *j, int rank, int size)
{
    int64_t *room = NULL;
    aet_err err = AET_OK;
    AET_TRY(AET_ARRAY((int64_t)j->nx * j->ny, "sums of an image", &room));
    for (int i = rank; i < j->tilts * j->configurations && !err; i += size)
        err = read_item(j, i, room);
    aet_release(&room);
    return err;
}

aet_err aet_stem_kept_get(MPI_Comm comm, aet_stem_job *j)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    return AET_AGREE(comm, read_share(j, rank, size));
}

void aet_simulate_stem_forget(const char *folder)
{
    char path[AET_PATH_MAX];
    DIR *d = opendir(folder);
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
        if (strncmp(e->d_name, "tilt-", 5) != 0 ||
            !(aet_str_ends(e->d_name, ending) || aet_str_ends(e->d_name, ".sums.part")))
            continue;
        aet_path_join(path, sizeof path, folder, e->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(folder); /* fails where something else is in it, which then stays */
}
