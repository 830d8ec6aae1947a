/* Inside recon/resire*.c. */
#ifndef AET_RECON_RESIRE_PRIV_H
#define AET_RECON_RESIRE_PRIV_H

#include "recon/recon_priv.h"

typedef struct {
    const aet_linop *op;
    aet_gram *gram; /* A^T A, where it stands for the projector while iterating; or NULL */
    float *back;    /* then A^T b, and */
    double b2;      /* |b|^2 */
    const float *b;
    int n;
    const uint8_t *mask;
    const aet_recon_params *params;
    recon_keep *keep;
    bool fast;
    uint8_t *apart;    /* of the range: 1 where a pixel is withheld; NULL: none is */
    float *now, *next; /* the object; the gradient, then the object after the step */
    float *spare;      /* one of the two, ours; the other is the caller's */
    float *ahead;      /* where the step starts; the object itself when plain */
    float *best;       /* the object given back if pixels are withheld and the method is fast */
    bool twice; /* images are withheld and the method is fast: all are fitted in a second pass */
    float *y;   /* images of `ahead`, then their residual */
    float *image, *residual; /* fast: images of the object, and their residual */
    float *best_residual;
    double t, beta;                     /* momentum, and what of it led to `ahead` */
    double best_free, best_at, well_at; /* least R_free, and the last not much above it */
    double
        settled_at; /* iteration that still foretold the withheld images well; -1 until the second pass */
    double last; /* iterations in all */
} resire_job;

/* Local.  The pixels withheld: of these images, or (NULL) at random. */
void resire_withhold(resire_job *j, const bool *images);
/* Local.  out = a - b. */
void resire_subtract(const float *a, const float *b, int64_t n, float *out);
/* Collective.  One iteration: errors into the report's curve, the best object kept.  NUMERIC. */
aet_err resire_step(resire_job *j, int it, aet_recon_report *report);

#endif
