/* A tilt series: aligned images of one particle and the orientation of each.
 *
 * Shape of images: [n][ny][nx], float, x fastest; the tilt axis is y; the pivot is pixel
 * (nx/2, ny/2) (integer division).  angles_deg[i] = (phi, theta, psi): the specimen point r
 * (Angstrom, origin at the pivot) is seen at the first two components of R r,
 *
 *   R = (Rz(phi) Ry(theta) Rx(psi))^T        (aetlas/physics/geometry.h)
 *
 * A plain tilt series has phi = psi = 0 and x' = x cos(theta) - z sin(theta).
 *
 * Every rank holds the whole series: n*ny*nx*4 bytes per rank.
 */
#ifndef AET_DATA_TILT_H
#define AET_DATA_TILT_H

#include "aetlas/base/error.h"
#include <stdint.h>

typedef struct {
    int n, ny, nx;
    double pixel_A;          /* > 0 */
    float *images;           /* owned, [n][ny][nx] */
    double (*angles_deg)[3]; /* owned, [n] */
} aet_tilt;

/* Local.  Zero images and angles.  INPUT for sizes that are not positive or absurd, NOMEM. */
aet_err aet_tilt_create(int n, int ny, int nx, double pixel_A, aet_tilt **t);
/* Local. */
void aet_tilt_free(aet_tilt **t);
/* Local.  INPUT, naming the image at fault, unless everything is finite, sizes and pixel_A are
 * positive, and no image is zero throughout. */
aet_err aet_tilt_check(const aet_tilt *t);
/* Local.  Image i. */
static inline float *aet_tilt_image(const aet_tilt *t, int i)
{
    return t->images + (int64_t)i * t->ny * t->nx;
}

#endif
