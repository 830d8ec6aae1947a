/* Two volumes from every other tilt each: how far down in detail they agree. */
#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/fsc.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double theta_deg;
    int image;
} tilted;

static int by_theta(const void *a, const void *b)
{
    const tilted *s = a, *t = b;

    if (s->theta_deg != t->theta_deg)
        return s->theta_deg < t->theta_deg ? -1 : 1;
    return s->image - t->image;
}

/* Image `odd`, odd + 2, ... in the order of theta, whatever the order of the series. */
static aet_err half_of(const aet_tilt *t, int odd, aet_tilt **half)
{
    size_t pixels = (size_t)t->ny * (size_t)t->nx;
    tilted *order = AET_NEW(tilted, t->n);
    aet_err err = aet_tilt_create((t->n + 1 - odd) / 2, t->ny, t->nx, t->pixel_A, half);

    for (int i = 0; i < t->n; i++)
        order[i] = (tilted){t->angles_deg[i][1], i};
    qsort(order, (size_t)t->n, sizeof *order, by_theta);
    for (int i = 0; !err && i < (*half)->n; i++) {
        int from = order[2 * i + odd].image;
        memcpy((*half)->angles_deg[i], t->angles_deg[from], sizeof t->angles_deg[from]);
        memcpy(aet_tilt_image(*half, i), aet_tilt_image(t, from), pixels * sizeof(float));
    }
    aet_release(&order);
    return err;
}

static aet_err half_volume(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                           const aet_recon_params *p, const char *checkpoint, int odd,
                           aet_volume **v)
{
    char path[AET_PATH_MAX];
    aet_tilt *half = NULL;
    aet_recon_report report = {0};
    aet_err err = AET_AGREE(comm, half_of(tilt, odd, &half));

    if (!err)
        err = aet_reconstruct_kept(comm, half, support, p, recon_keep_half(checkpoint, odd, path),
                                   v, &report);
    aet_recon_report_free(&report);
    aet_tilt_free(&half);
    return aet_error_frame(err, "half %d of the tilts", odd + 1);
}

static void note_resolution(const char *key, double A)
{
    char text[32];

    aet_fmt(text, sizeof text, "%.6g", A);
    aet_provenance_note(key, text);
}

aet_err aet_recon_halves(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                         const aet_recon_params *p, const char *checkpoint, aet_volume *v)
{
    aet_err err = AET_OK;
    aet_volume *half[2] = {NULL, NULL};

    AET_CHECK(tilt->n >= 4, AET_ERR_INPUT, "halves of %d images say nothing; needed are 4",
              tilt->n);
    for (int odd = 0; odd < 2; odd++)
        AET_GO(half_volume(comm, tilt, support, p, checkpoint, odd, &half[odd]));
    AET_GO(aet_volume_fsc(half[0], half[1], v));
    const aet_curve *fsc = aet_volume_find_curve(v, "fsc");
    double loose = aet_fsc_resolution(fsc, 0.143), strict = aet_fsc_resolution(fsc, 0.5);
    note_resolution("resolution_0.143_A", loose);
    note_resolution("resolution_0.5_A", strict);
    aet_info("halves of the tilts agree down to %.3g A (FSC 0.143), %.3g A (FSC 0.5)", loose,
             strict);
done:
    aet_volume_free(&half[0]);
    aet_volume_free(&half[1]);
    return err;
}
