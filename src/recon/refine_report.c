#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/recon/refine.h"
#include <stdio.h>

void aet_refine_report_free(aet_refine_report *r)
{
    aet_release(&r->before);
    aet_release(&r->after);
    aet_release(&r->r1_before);
    aet_release(&r->r1_after);
    aet_release(&r->lost);
}

static double value_of(const aet_pose *p, int which)
{
    return which < 3 ? p->angles_deg[which] : p->shift_px[which - 3];
}

static void note_poses(const char *key, const aet_refine_report *r, const aet_pose *poses,
                       int which)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    AET_ASSERT(f);
    for (int i = 0; i < r->n; i++)
        fprintf(f, "%s%.6g", i ? " " : "", value_of(poses + i, which));
    fclose(f);
    aet_provenance_note(key, text);
    aet_release(&text);
}

static void note_number(const char *key, double value)
{
    char text[32];

    aet_fmt(text, sizeof text, "%.8g", value);
    aet_provenance_note(key, text);
}

void aet_refine_note(const aet_refine_report *r)
{
    static const char *const given[] = {"refine_given_phi_deg", "refine_given_theta_deg",
                                        "refine_given_psi_deg"};

    for (int a = 0; a < 3; a++)
        note_poses(given[a], r, r->before, a);
    note_poses("refine_shift_x_px", r, r->after, 3);
    note_poses("refine_shift_y_px", r, r->after, 4);
    note_number("refine_r1_before", r->mean_r1_before);
    note_number("refine_r1_after", r->mean_r1_after);
    note_number("refine_reference", r->reference);
    note_number("refine_tilts_left_as_they_were", r->n_lost);
}
