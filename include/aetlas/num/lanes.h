/* Fourier transforms of 16 lines side by side, single precision, in place.
 *
 * FFTW's vector code for lines apart is what its packager chose (SSE2 and AVX in Debian), and is slow
 * where lines lie side by side.  Here each point of 16 lines is a cell of 16 real and 16 imaginary
 * parts, so every step is the same on whole vectors of whatever width the machine has: 3 to 8 times
 * FFTW's speed (tests/bench/fft.c), on lines that stay in cache.
 *
 * Forward F[k] = sum f[x] exp(-2 pi i k x / n), backward with + and without 1/n.  Frequencies come in
 * an order of the plan's own (decimation in frequency), which saves moving them: position p holds
 * frequency aet_lanes_frequency(plan, p), and backward takes the same order.
 */
#ifndef AET_NUM_LANES_H
#define AET_NUM_LANES_H

#include "aetlas/base/error.h"

enum { AET_LANES = 16 };
typedef float aet_lane __attribute__((vector_size(4 * AET_LANES)));
typedef struct {
    aet_lane re, im;
} aet_cell;

typedef struct aet_lanes aet_lanes;

/* Local.  n: product of 2, 3, 5 and 7 (aet_fft_good_size).  NOMEM; INPUT for another n. */
aet_err aet_lanes_create(int n, aet_lanes **plan);
void aet_lanes_free(aet_lanes **plan);
/* Local.  How often such a transform goes over its n > 1 cells; 0: n is not possible. */
int aet_lanes_passes(int n);
/* Local.  On n cells. */
void aet_lanes_forward(const aet_lanes *plan, aet_cell *x);
void aet_lanes_backward(const aet_lanes *plan, aet_cell *x);
/* Local.  The frequency, 0 ... n-1, that a position holds. */
int aet_lanes_frequency(const aet_lanes *plan, int position);

/* Local.  Lane i of vector j and lane j of vector i change places. */
void aet_lanes_transpose(aet_lane v[AET_LANES]);

#endif
