/* A raw series: the frames that a microscope wrote, several at each tilt, before any preparation.
 *
 * Shape of a rank's images: [slab.count][frames][ny][nx], float, x fastest; the tilts 0 .. n-1 lie
 * over the ranks of comm in slabs, because tilts are prepared one by one and a series of 1024^2
 * pixels has a gigabyte.  Values are what the detector gave: gain * electrons + dark level.
 * angles_deg are the nominal (recorded) angles, in the convention of aetlas/data/tilt.h.  Memory
 * per rank: ceil(n/size)*frames*ny*nx*4 bytes.
 *
 * A simulated series also knows the truth, on every rank: a specimen point that an undistorted
 * image shows p pixels from its pivot is seen in a frame at
 *
 *   pivot + offset_px + matrix p,   matrix = {xx, xy, yx, yy}, pivot = pixel (nx/2, ny/2).
 */
#ifndef AET_DATA_RAW_H
#define AET_DATA_RAW_H

#include "aetlas/base/error.h"
#include "aetlas/par/slab.h"
#include <mpi.h>
#include <stdint.h>

typedef struct {
    double (*angles_deg)[3]; /* owned, [n] */
    double (*offset_px)[2];  /* owned, [n * frames]: x, y */
    double (*matrix)[4];     /* owned, [n * frames] */
} aet_raw_truth;

typedef struct {
    MPI_Comm comm; /* borrowed */
    int n, frames, ny, nx;
    aet_slab slab; /* of the n tilts */
    double pixel_A;
    double dose_e_per_A2;    /* of the whole series; 0: not known */
    float *images;           /* owned, [slab.count][frames][ny][nx] */
    double (*angles_deg)[3]; /* owned, [n], on every rank */
    aet_raw_truth *truth;    /* owned; NULL when not known */
} aet_raw;

/* Collective.  Zero images and angles, no truth.  INPUT for sizes that are not positive or absurd,
 * NOMEM. */
aet_err aet_raw_create(MPI_Comm comm, int n, int frames, int ny, int nx, double pixel_A,
                       aet_raw **r);
/* Local. */
void aet_raw_free(aet_raw **r);
/* Local.  Gives it a truth of zeros. */
void aet_raw_add_truth(aet_raw *r);
/* Collective.  INPUT, naming tilt and frame, unless everything is finite and no frame is the same
 * number throughout. */
aet_err aet_raw_check(const aet_raw *r);
/* Local.  Frame f of tilt i, which lies on this rank. */
static inline float *aet_raw_frame(const aet_raw *r, int i, int f)
{
    return r->images + ((int64_t)(i - r->slab.start) * r->frames + f) * r->ny * r->nx;
}

#endif
