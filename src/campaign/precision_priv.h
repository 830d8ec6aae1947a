/* Inside precision: one run of it, and the parts of it that have files of their own. */
#ifndef AET_PRECISION_PRIV_H
#define AET_PRECISION_PRIV_H

#include "aetlas/base/file.h"
#include "aetlas/campaign/campaign.h"
#include "aetlas/campaign/precision.h"

/* Atoms are seen as detail of about their distances; 1/A. */
#define AET_PRECISION_DETAIL_LOW  0.2
#define AET_PRECISION_DETAIL_HIGH 0.8

typedef struct {
    MPI_Comm comm;
    int rank;
    const aet_atoms *model;
    const aet_tilt *measured;
    const aet_precision_recipe *r;
    const char *folder;
    aet_tilt *linear, *images;
    aet_volume *volume;
    double linear_match, blur_A, scale, dose_e_per_A2, recon_r1, fit_r1;
    double *theta_r1; /* [n][3] of the curve image_match */
    aet_precision_result *out;
} precision_work;

/* Local.  A file of the work folder. */
void precision_path(const precision_work *w, const char *file, char path[AET_PATH_MAX]);

/* Collective.  w->images: sharp and clean, in the frame of the measured ones; from w->linear where that is asked for,
 * which is gone afterwards. */
aet_err precision_simulate(precision_work *w);
/* Collective.  Blurs and scales them as they match the measured ones best, judges them, adds noise. */
aet_err precision_finish_images(precision_work *w);

/* Collective.  The stage of a campaign: all of it, into path (precision.h5), with figures beside it where the
 * campaign has pictures. */
aet_err precision_stage(MPI_Comm group, const aet_campaign *c, const char *name,
                        const aet_atoms *model, const aet_tilt *measured, const char *path);
/* Local.  Adds what the summary tells of a precision.h5 to the measures of the particle: identification and RMSD. */
aet_err precision_to_measures(const char *path, aet_atoms *measures);

#endif
