/* The state of an iteration read back: used when it is whole and fits, else told and left aside. */
#include "recon/checkpoint_priv.h"

#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "aetlas/io/h5.h"
#include "aetlas/par/agree.h"
#include <stdio.h>
#include <string.h>

typedef struct {
    int done, best;
    double numbers[RECON_KEEP_MOST];
    uint64_t sums[RECON_KEEP_MOST];
} head;

static bool get_hex(const aet_h5 *f, const char *path, const char *name, uint64_t *value)
{
    char text[24];

    *value = 0;
    return aet_h5_get_text(f, path, name, text, sizeof text) &&
           sscanf(text, "%16llx", (unsigned long long *)value) == 1;
}

/* Opens the file and tells the iterations done; 0 and no file where it does not fit, which is told
 * when loud.  Rank 0. */
static int look(const recon_keep *k, bool loud, aet_h5 **f)
{
    uint64_t inputs = 0;
    double done = 0;

    *f = NULL;
    if (!aet_file_exists(k->path))
        return 0;
    if (aet_h5_open(k->path, f) != AET_OK || !aet_h5_has(*f, KEEP_STATE) ||
        !get_hex(*f, KEEP_STATE, "inputs", &inputs) ||
        aet_h5_get_real(*f, KEEP_STATE, "iterations", &done) != AET_OK ||
        !(done >= 1 && done <= 1e9)) {
        if (loud)
            aet_warn("%s is damaged: beginning anew", k->path);
        aet_error_clear();
        done = 0;
    } else if (inputs != k->inputs) {
        if (loud)
            aet_info("%s is of other images or parameters: beginning anew", k->path);
        done = 0;
    }
    if (done > k->most) {
        if (loud)
            aet_info("%s: %.0f iterations are done, %d wanted: beginning anew", k->path, done,
                     k->most);
        done = 0;
    }
    if (done < 1)
        aet_h5_close(f);
    return (int)done;
}

int recon_keep_peek(const recon_keep *k)
{
    aet_h5 *f = NULL;
    int done = 0;

    if (!k->path)
        return 0;
    if (k->rank == 0)
        done = look(k, false, &f);
    aet_h5_close(&f);
    MPI_Bcast(&done, 1, MPI_INT, 0, k->comm);
    return done;
}

/* All but the arrays.  Rank 0. */
static aet_err read_head(const recon_keep *k, const aet_h5 *f, const int64_t *all, head *h,
                         aet_recon_step *curve)
{
    char names[KEEP_TEXT], want[KEEP_TEXT], path[AET_H5_PATH_MAX];
    uint64_t sum;
    double best;
    aet_h5_shape s;

    keep_names_of(k, want);
    AET_CHECK(aet_h5_get_text(f, KEEP_STATE, "names", names, sizeof names) &&
                  strcmp(names, want) == 0,
              AET_ERR_INPUT, "it is of another method");
    AET_TRY(aet_h5_get_real(f, KEEP_STATE, "best", &best));
    h->best = (int)best;
    AET_TRY(aet_h5_read(f, KEEP_CURVE, AET_H5_F64, (int64_t)h->done * KEEP_STEP, curve));
    if (k->n_numbers > 0)
        AET_TRY(aet_h5_read(f, KEEP_NUMBERS, AET_H5_F64, k->n_numbers, h->numbers));
    AET_CHECK(get_hex(f, KEEP_STATE, "sum", &sum) &&
                  sum == keep_hash_head(h->numbers, k->n_numbers, curve, h->done, h->best),
              AET_ERR_INPUT, "its numbers do not have their sum");
    for (int a = 0; a < k->n_arrays; a++) {
        keep_array_path(k, a, path);
        AET_TRY(aet_h5_look(f, path, &s));
        AET_CHECK(s.ndim == 1 && s.count == all[a] && get_hex(f, path, "sum", &h->sums[a]),
                  AET_ERR_INPUT, "%s is not of the expected size", path);
    }
    return AET_OK;
}

static aet_err read_arrays(const recon_keep *k, const head *h)
{
    char path[AET_H5_PATH_MAX];

    for (int a = 0; a < k->n_arrays; a++) {
        int64_t all, count = k->array[a].count, start = keep_start_of(k->comm, count, &all);
        float *x = *k->array[a].data;
        keep_array_path(k, a, path);
        AET_TRY(aet_h5_read_slab(k->comm, k->path, path, AET_H5_F32, 1, &all, start, count, x));
        AET_CHECK(keep_sum_of(k->comm, x, start, count) == h->sums[a], AET_ERR_INPUT,
                  "%s does not have its sum", path);
        if (k->array[a].whole)
            aet_bcast_bytes(k->comm, x, k->array[a].whole * (int64_t)sizeof *x, 0);
    }
    return keep_sound(k) ? AET_OK
                         : aet_error_set(AET_ERR_INPUT, __FILE__, __LINE__, "there are NaNs in it");
}

static aet_err read_state(const recon_keep *k, head *h, aet_recon_step *curve)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    int64_t all[RECON_KEEP_MOST] = {0};

    for (int a = 0; a < k->n_arrays; a++)
        keep_start_of(k->comm, k->array[a].count, &all[a]);
    if (k->rank == 0) {
        h->done = look(k, true, &f);
        if (h->done > 0)
            err = read_head(k, f, all, h, curve);
        aet_h5_close(&f);
    }
    AET_TRY(aet_agree(k->comm, err));
    MPI_Bcast(h, sizeof *h, MPI_BYTE, 0, k->comm);
    MPI_Bcast(curve, h->done * KEEP_STEP, MPI_DOUBLE, 0, k->comm);
    return h->done > 0 ? read_arrays(k, h) : AET_OK;
}

void recon_keep_load(recon_keep *k, aet_recon_report *report, int *first)
{
    head h = {0};

    *first = 0;
    if (!k->path)
        return;
    if (read_state(k, &h, report->curve) != AET_OK) {
        aet_warn("%s is damaged: beginning anew (%s)", k->path, aet_error_text());
        aet_error_clear();
        for (int a = 0; a < k->n_arrays; a++) {
            int64_t n = k->array[a].whole ? k->array[a].whole : k->array[a].count;
            memset(*k->array[a].data, 0, (size_t)n * sizeof **k->array[a].data);
        }
        return;
    }
    if (h.done == 0)
        return;
    for (int i = 0; i < k->n_numbers; i++)
        *k->number[i].value = h.numbers[i];
    report->best = h.best;
    report->iterations = *first = k->saved = h.done;
    aet_info("%s: going on after iteration %d", k->path, h.done);
}
