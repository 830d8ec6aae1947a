/* ranks: 1 2 3 4 */
/* Items of a series that are kept in files: the same images with and without them, and whatever is left of them. */
#include "aetlas/base/file.h"
#include "stem_images.h"
#include <sys/stat.h>
#include <unistd.h>

static const char folder[] = "kept";

static aet_tilt *kept(const aet_atoms *a, const aet_stem_params *p)
{
    aet_tilt *t = NULL;
    T_OK(aet_simulate_stem_kept(MPI_COMM_WORLD, a, tilts, 3, p, folder, &t));
    return t;
}

static bool same(const aet_tilt *a, const aet_tilt *b)
{
    return memcmp(a->images, b->images,
                  sizeof *a->images * (size_t)a->n * (size_t)a->nx * (size_t)a->ny) == 0;
}

static void path_of(int tilt, int configuration, char *path)
{
    snprintf(path, 64, "%s/tilt-%05d-%05d.sums", folder, tilt, configuration);
}

static int files(void)
{
    int n = 0;
    char path[64];
    for (int i = 0; i < 6; i++) {
        path_of(i / 2, i % 2, path);
        n += aet_file_exists(path);
    }
    return n;
}

/* Rank 0 disturbs what is there. */
static void disturb(int what)
{
    char path[64];
    MPI_Barrier(MPI_COMM_WORLD);
    if (t_rank == 0) {
        path_of(1, 1, path);
        if (what == 0) /* a run that was killed before this item */
            unlink(path);
        if (what == 1) /* a disk that lost its end */
            T_CHECK(truncate(path, 200) == 0);
        if (what == 2) { /* a bit that fell over */
            FILE *f = fopen(path, "r+b");
            fseek(f, 400, SEEK_SET);
            fputc(0x55, f);
            fclose(f);
        }
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

/* After so many kinds of disturbance. */
static void goes_on(const aet_atoms *a, const aet_stem_params *p, int disturbances)
{
    aet_tilt *plain = images(a, tilts, 3, p), *first = kept(a, p);
    T_CHECK(same(plain, first));
    T_CHECK(files() == 6);
    for (int what = 0; what < disturbances; what++) {
        disturb(what);
        aet_tilt *again = kept(a, p);
        /* one item is left: with PRISM ranks share its beams, whose sum is then rounded otherwise */
        bool exact = t_size == 1 || p->method == AET_STEM_MULTISLICE;
        T_CHECK(exact ? same(plain, again) : apart(plain, again) < 1e-5);
        aet_tilt_free(&again);
    }
    /* noise and blur come after: the same files serve */
    struct stat before, after;
    char path[64];
    path_of(0, 0, path);
    T_CHECK(stat(path, &before) == 0);
    aet_stem_params noisy = *p;
    noisy.dose_e_per_A2 = 1e5;
    noisy.source_sigma_A = 0.5;
    aet_tilt *want = images(a, tilts, 3, &noisy), *got = kept(a, &noisy);
    T_CHECK(stat(path, &after) == 0 && before.st_ino == after.st_ino);
    T_NEAR(apart(want, got), 0, 1e-3); /* counts may differ by one where an item was made anew */
    aet_tilt_free(&want);
    aet_tilt_free(&got);
    /* other parameters: other images, files of the old ones do not count */
    noisy = *p;
    noisy.seed = 2;
    want = images(a, tilts, 3, &noisy);
    got = kept(a, &noisy);
    T_CHECK(same(want, got) && !same(want, plain));
    aet_tilt_free(&want);
    aet_tilt_free(&got);
    MPI_Barrier(MPI_COMM_WORLD);
    if (t_rank == 0) {
        aet_simulate_stem_forget(folder);
        T_CHECK(!aet_file_exists(folder));
    }
    MPI_Barrier(MPI_COMM_WORLD);
    aet_tilt_free(&plain);
    aet_tilt_free(&first);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    aet_atoms *a = cluster();
    aet_stem_params p = defaults();
    p.phonons = 2;
    p.size = 16;
    p.cell_A = 11;
    goes_on(a, &p, 3);
    p.method = AET_STEM_PRISM;
    p.interpolation = 2;
    goes_on(a, &p, 1);
    aet_tilt *t = NULL;
    T_FAILS(aet_simulate_stem_kept(MPI_COMM_WORLD, a, tilts, 3, &p, "/dev/null/x", &t),
            AET_ERR_OUTPUT, "/dev/null");
    aet_atoms_free(&a);
    T_END();
}
