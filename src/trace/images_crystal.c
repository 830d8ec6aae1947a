/* Atoms on the sites of a crystal. */
#include "trace/images_priv.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

/* Nearest-neighbour distances beside the site: thermal motion and errors are less. */
#define OFF 0.22
/* Of the atoms on sites: else the model is no crystal. */
#define CRYSTAL 0.5

static aet_err expect(const images_fit *f, aet_fit_guide *guide, aet_expected **e)
{
    aet_atoms *a = NULL;
    AET_TRY(images_atoms(f, &a));
    aet_err err = guide(a, e);
    aet_atoms_free(&a);
    return err;
}

static bool is_off(const aet_expected *e, int i, const double at[3])
{
    double off = 0;
    for (int k = 0; k < 3; k++)
        off += pow(at[k] - e->at_A[i][k], 2);
    return e->what[i] == AET_EXPECTED_SITE && off > pow(OFF * e->nearest_A, 2);
}

/* Moves what is off its site, and drops what has none to go to. */
static aet_err place(images_fit *f, const aet_expected *e, int *edits)
{
    bool *keep = NULL;
    int n = f->n;
    AET_TRY(AET_ARRAY(n, "atoms to keep", &keep));
    for (int i = 0; i < n; i++) {
        keep[i] = e->what[i] != AET_EXPECTED_SURPLUS || !f->p->drop;
        f->report->dropped += !keep[i];
        *edits += !keep[i];
        f->tied[i] = e->what[i] == AET_EXPECTED_SITE && f->p->hold_A > 0;
        memcpy(f->site[i], e->at_A[i], sizeof *f->site);
        if (!is_off(e, i, f->at[i]))
            continue;
        memcpy(f->at[i], e->at_A[i], sizeof *f->at);
        memcpy(f->start[i], e->at_A[i], sizeof *f->start);
        f->report->placed++;
        ++*edits;
    }
    images_keep(f, keep);
    images_count(f);
    aet_release(&keep);
    return AET_OK;
}

aet_err images_to_sites(images_fit *f, aet_fit_guide *guide, int *edits)
{
    aet_err err = AET_OK;
    aet_expected *e = NULL;
    *edits = 0;
    AET_GO(AET_AGREE(f->comm, expect(f, guide, &e)));
    if (e->assigned < CRYSTAL * f->n)
        goto done;
    AET_GO(AET_AGREE(f->comm, place(f, e, edits)));
    int before = f->report->added;
    if (f->p->add)
        AET_GO(images_try(f, e->vacant, (const double(*)[3])e->vacant_A));
    aet_debug("fit: %d of %d atoms on sites, %d edits, %d of %d free sites filled", e->assigned,
              f->n, *edits, f->report->added - before, e->vacant);
    *edits += f->report->added - before;
done:
    aet_expected_free(&e);
    return err;
}
