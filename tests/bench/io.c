/* ranks: 1 2 */
/* Nouns: a volume of 256^3 written whole, synced and renamed, against the same bytes through write(2) with fsync;
 * and read back against read(2). */
#include "aetlas/base/mem.h"
#include "aetlas/io/nouns.h"
#include "bench.h"
#include <fcntl.h>
#include <unistd.h>

enum { SIDE = 256 };

static void plain_write(const char *name, const aet_volume *v)
{
    size_t bytes = (size_t)aet_volume_count(v) * sizeof(float);
    int f = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (f < 0 || write(f, v->density, bytes) != (ssize_t)bytes || fsync(f) != 0)
        MPI_Abort(MPI_COMM_WORLD, 4);
    close(f);
}

static void plain_read(const char *name, const aet_volume *v)
{
    size_t bytes = (size_t)aet_volume_count(v) * sizeof(float);
    int f = open(name, O_RDONLY);
    if (f < 0 || read(f, v->density, bytes) != (ssize_t)bytes)
        MPI_Abort(MPI_COMM_WORLD, 3);
    close(f);
}

static void read_volume(const char *name)
{
    aet_volume *v;
    B_OK(aet_volume_read(MPI_COMM_WORLD, name, &v));
    aet_volume_free(&v);
}

int main(int argc, char **argv)
{
    double ours, baseline;
    aet_volume *v;
    char plain[64];
    B_START(argc, argv);
    snprintf(plain, sizeof plain, "bench-io.%d.raw", b_rank);
    aet_provenance_set("bench", "");
    B_OK(aet_volume_create(MPI_COMM_WORLD, SIDE, SIDE, SIDE, 0.3, &v));
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        v->density[i] = (float)(i % 1000);
    B_TIME(baseline, 3, plain_write(plain, v));
    B_TIME(ours, 3, B_OK(aet_volume_write(MPI_COMM_WORLD, "bench-io.h5", v)));
    B_RATIO("io_volume_write", ours, baseline,
            "64 MB, synced; baseline: write and fsync, a file per rank");
    B_TIME(baseline, 3, plain_read(plain, v));
    B_TIME(ours, 3, read_volume("bench-io.h5"));
    B_RATIO("io_volume_read", ours, baseline, "64 MB from the page cache, checked; baseline: read");
    aet_volume_free(&v);
    unlink(plain);
    MPI_Barrier(MPI_COMM_WORLD);
    if (b_rank == 0)
        unlink("bench-io.h5");
    B_END();
}
