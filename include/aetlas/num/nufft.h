/* The transform of an image at any frequency, from a few samples of its padded FFT.
 *
 * The image is divided by the transform of a short kernel, padded to twice its size and transformed; 8
 * x 8 samples around a frequency, weighted by the kernel, give its value (Dutt and Rokhlin, SIAM J. Sci.
 * Comput. 14, 1368 (1993); kernel of Barnett, Magland and af Klinteberg, SIAM J. Sci. Comput. 41, C479
 * (2019)).  The error is some 1e-7 of the largest value, about the rounding of single precision. */
#ifndef AET_NUM_NUFFT_H
#define AET_NUM_NUFFT_H

#include "aetlas/base/error.h"
#include <complex.h>

typedef struct aet_nufft2 aet_nufft2;

/* Local.  For images of [ny][nx].  NOMEM. */
aet_err aet_nufft2_create(int nx, int ny, aet_nufft2 **plan);
void aet_nufft2_free(aet_nufft2 **plan);
/* Local.  The image whose transform is wanted next; it is not kept. */
void aet_nufft2_image(aet_nufft2 *plan, const float *image);
/* Local.  sum b(x, y) exp(-2 pi i (u (x - nx/2) + v (y - ny/2))): u, v in cycles per pixel. */
float complex aet_nufft2_at(const aet_nufft2 *plan, double u, double v);

#endif
