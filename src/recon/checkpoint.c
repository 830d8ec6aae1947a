/* The state of an iteration on disk (recon/checkpoint.h).
 *
 * One HDF5 file, written in parallel under NAME.part and renamed, so the state before is there until
 * the next one is whole.  Arrays lie in the order of the ranks, which is that of the planes: a state
 * may be read by another number of ranks.  What is read must have the sums it was written with, be of
 * the same inputs and parameters, and hold the same arrays: else it is as if it were not there. */
#include "recon/checkpoint_priv.h"
#include "recon/recon_priv.h"

#include "aetlas/base/file.h"
#include "aetlas/base/hash.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/h5.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include <math.h>
#include <string.h>

/* To be raised when methods come to mean something else by what they keep. */
enum { LAYOUT = 1 };

/* ---- fingerprints ---- */

uint64_t keep_sum_of(MPI_Comm comm, const float *x, int64_t start, int64_t n)
{
    uint64_t sum = 0;

    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        sum += (uint64_t)bits * (2 * (uint64_t)(start + i) + 1);
    }
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, comm);
    return sum;
}

int64_t keep_start_of(MPI_Comm comm, int64_t count, int64_t *all)
{
    int64_t before = 0;

    MPI_Exscan(&count, &before, 1, MPI_INT64_T, MPI_SUM, comm);
    MPI_Allreduce(&count, all, 1, MPI_INT64_T, MPI_SUM, comm);
    int rank;
    MPI_Comm_rank(comm, &rank);
    return rank == 0 ? 0 : before;
}

uint64_t aet_recon_fingerprint(const aet_recon_params *p)
{
    aet_recon_params same = *p;

    same.checkpoint_minutes = 0; /* changes no result */
    char *text = aet_config_text(&aet_recon_table, &same);
    uint64_t hash = aet_hash_text(AET_HASH_START, text);
    aet_release(&text);
    return hash;
}

static uint64_t fingerprint(MPI_Comm comm, const aet_tilt *t, const aet_volume *support,
                            const aet_recon_params *p)
{
    const int numbers[] = {LAYOUT, t->n, t->ny, t->nx};
    aet_recon_params same = *p;

    bool twice = recon_iterations_most(p) != p->iterations;
    if (!twice && (aet_recon_is_resire(p) || p->enforce == AET_ENFORCE_ALL))
        same.iterations = 0; /* else nothing depends on it: one may ask for more, or for fewer */
    uint64_t hash = aet_recon_fingerprint(&same);

    hash = aet_hash_bytes(hash, numbers, sizeof numbers);
    hash = aet_hash_bytes(hash, t->angles_deg, (size_t)t->n * sizeof *t->angles_deg);
    hash = aet_hash_bytes(hash, t->images,
                          (size_t)t->n * (size_t)t->ny * (size_t)t->nx * sizeof *t->images);
    if (support) {
        int64_t all, count = aet_volume_count(support), start = keep_start_of(comm, count, &all);
        uint64_t sum = keep_sum_of(comm, support->density, start, count);
        hash = aet_hash_bytes(hash, &sum, sizeof sum);
    }
    return hash;
}

void recon_keep_begin(MPI_Comm comm, const char *path, const aet_tilt *tilt,
                      const aet_volume *support, const aet_recon_params *p, recon_keep *k)
{
    *k = (recon_keep){.comm = comm,
                      .path = path,
                      .every_s = 60 * p->checkpoint_minutes,
                      .most = recon_iterations_most(p)};
    MPI_Comm_rank(comm, &k->rank);
    if (path)
        k->inputs = fingerprint(comm, tilt, support, p);
    k->next_s = aet_clock_s() + k->every_s;
}

void recon_keep_array(recon_keep *k, const char *name, float **data, int64_t count)
{
    AET_ASSERT(k->n_arrays < RECON_KEEP_MOST);
    k->array[k->n_arrays].name = name;
    k->array[k->n_arrays].data = data;
    k->array[k->n_arrays++].count = count;
}

void recon_keep_whole(recon_keep *k, const char *name, float **data, int64_t count)
{
    recon_keep_array(k, name, data, k->rank == 0 ? count : 0);
    k->array[k->n_arrays - 1].whole = count;
}

void recon_keep_number(recon_keep *k, const char *name, double *value)
{
    AET_ASSERT(k->n_numbers < RECON_KEEP_MOST);
    k->number[k->n_numbers].name = name;
    k->number[k->n_numbers++].value = value;
}

void keep_array_path(const recon_keep *k, int a, char path[AET_H5_PATH_MAX])
{
    aet_fmt(path, AET_H5_PATH_MAX, "%s/%s", KEEP_STATE, k->array[a].name);
}

void keep_names_of(const recon_keep *k, char text[KEEP_TEXT])
{
    size_t used = 0;

    text[0] = 0;
    for (int a = 0; a < k->n_arrays; a++, used = strlen(text))
        aet_fmt(text + used, KEEP_TEXT - used, "%s ", k->array[a].name);
    for (int i = 0; i < k->n_numbers; i++, used = strlen(text))
        aet_fmt(text + used, KEEP_TEXT - used, "%s,", k->number[i].name);
}

/* ---- writing ---- */

uint64_t keep_hash_head(const double *numbers, int n, const aet_recon_step *curve, int done,
                        int best)
{
    const int ints[] = {done, best};
    uint64_t hash = aet_hash_bytes(AET_HASH_START, ints, sizeof ints);

    hash = aet_hash_bytes(hash, numbers, (size_t)n * sizeof *numbers);
    return aet_hash_bytes(hash, curve, (size_t)done * sizeof *curve);
}

static aet_err set_hex(aet_h5 *f, const char *path, const char *name, uint64_t value)
{
    char text[24];

    aet_fmt(text, sizeof text, "%016llx", (unsigned long long)value);
    return aet_h5_set_text(f, path, name, text);
}

static aet_err write_head(const recon_keep *k, aet_h5 *f, const aet_recon_report *r, int it)
{
    const aet_h5_field f_numbers = {KEEP_NUMBERS, AET_H5_F64, "", "numbers of the method"};
    const aet_h5_field f_curve = {KEEP_CURVE, AET_H5_F64, "", "r1, r2, cost, k_error2, r_free2"};
    const int64_t n = k->n_numbers, dims[2] = {it, KEEP_STEP};
    double numbers[RECON_KEEP_MOST];
    char names[KEEP_TEXT];

    for (int i = 0; i < n; i++)
        numbers[i] = *k->number[i].value;
    keep_names_of(k, names);
    AET_TRY(aet_h5_write_root(f, &f_curve, 2, dims, r->curve));
    if (n > 0)
        AET_TRY(aet_h5_write_root(f, &f_numbers, 1, &n, numbers));
    AET_TRY(aet_h5_set_text(f, KEEP_STATE, "names", names));
    AET_TRY(set_hex(f, KEEP_STATE, "inputs", k->inputs));
    AET_TRY(aet_h5_set_real(f, KEEP_STATE, "iterations", it));
    AET_TRY(aet_h5_set_real(f, KEEP_STATE, "best", r->best));
    return set_hex(f, KEEP_STATE, "sum", keep_hash_head(numbers, (int)n, r->curve, it, r->best));
}

static aet_err write_arrays(const recon_keep *k, aet_h5 *f)
{
    char path[AET_H5_PATH_MAX];

    for (int a = 0; a < k->n_arrays; a++) {
        const aet_h5_field field = {path, AET_H5_F32, "", ""};
        const float *x = *k->array[a].data;
        int64_t all, start = keep_start_of(k->comm, k->array[a].count, &all);
        keep_array_path(k, a, path);
        AET_TRY(aet_h5_write(f, &field, 1, &all, start, k->array[a].count, x));
        uint64_t sum = keep_sum_of(k->comm, x, start, k->array[a].count);
        AET_TRY(aet_agree(k->comm, set_hex(f, path, "sum", sum)));
    }
    return AET_OK;
}

/* What is no number now would be none for ever. */
bool keep_sound(const recon_keep *k)
{
    bool bad = false;

    for (int a = 0; a < k->n_arrays; a++)
        for (int64_t i = 0; i < k->array[a].count; i++)
            bad |= !isfinite((*k->array[a].data)[i]);
    return !aet_any(k->comm, bad);
}

static aet_err write_state(const recon_keep *k, const aet_recon_report *r, int it)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    int64_t bytes = 1 << 16, all;

    AET_CHECK(keep_sound(k), AET_ERR_NUMERIC, "there are values in it that are no numbers");
    for (int a = 0; a < k->n_arrays; a++) {
        keep_start_of(k->comm, k->array[a].count, &all);
        bytes += all * (int64_t)sizeof(float);
    }
    bytes += it * (int64_t)sizeof *r->curve;
    AET_TRY(aet_h5_create(k->comm, k->path, bytes, &f));
    AET_GO(aet_agree(k->comm, write_head(k, f, r, it)));
    AET_GO(write_arrays(k, f));
    err = aet_h5_commit(&f);
done:
    aet_h5_close(&f);
    return err;
}

static void save(recon_keep *k, const aet_recon_report *report, int it)
{
    aet_phase_begin("checkpoint");
    if (write_state(k, report, it) == AET_OK) {
        k->saved = it;
        aet_info("after iteration %d: state kept in %s", it, k->path);
    } else {
        aet_warn("the state could not be kept, the iteration goes on: %s", aet_error_text());
        aet_error_clear();
    }
    k->next_s = aet_clock_s() + k->every_s;
    aet_phase_end("checkpoint");
}

aet_err recon_keep_visit(recon_keep *k, const aet_recon_report *report, const char *what, int it)
{
    enum { STOP = 1, DUE = 2 };
    int flags = aet_stop_asked() ? STOP : 0;

    if (k->path && k->rank == 0 && k->every_s > 0 && aet_clock_s() >= k->next_s)
        flags |= DUE;
    MPI_Allreduce(MPI_IN_PLACE, &flags, 1, MPI_INT, MPI_BOR, k->comm);
    if (k->path && flags && it > k->saved)
        save(k, report, it);
    AET_CHECK(!(flags & STOP), AET_ERR_STOPPED, "%s stopped at iteration %d of %d%s%s", what, it,
              k->most, k->path && k->saved == it && it > 0 ? "; its state is kept in " : "",
              k->path && k->saved == it && it > 0 ? k->path : "");
    return AET_OK;
}

const char *recon_keep_half(const char *path, int half, char name[AET_PATH_MAX])
{
    if (!path)
        return NULL;
    aet_fmt(name, AET_PATH_MAX, "%s-half%d", path, half + 1);
    return name;
}

void aet_recon_checkpoint_remove(MPI_Comm comm, const char *path)
{
    int rank;

    MPI_Comm_rank(comm, &rank);
    if (rank != 0 || !path)
        return;
    aet_file_remove(path);
    for (int half = 0; half < 2; half++) {
        char name[AET_PATH_MAX];
        recon_keep_half(path, half, name);
        aet_file_remove(name);
    }
}
