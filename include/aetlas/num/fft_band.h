/* Single-precision 2-D transforms of band-limited complex waves; FFTW stands behind.
 *
 * A wave lives on nx x ny points, but its spectrum only holds frequencies -hx..hx by -hy..hy.  The
 * spectrum is stored without the rest and transposed, so that both directions are transformed as
 * contiguous lines: [2hx+1][2hy+1], ky fastest, zero frequency at [hx][hy].  A field is [ny][nx],
 * x fastest.  Forward F[k] = sum f[x] exp(-2 pi i k x / n), backward without scaling.  Lines that
 * the band leaves empty are never transformed: (4 hx + 2 + 2 ny) instead of (2 nx + 2 ny) lines in
 * a pair of transforms.
 *
 * Everything is Local.  A plan has scratch memory of its own: one thread at a time.  Lines of less
 * than 192 points are planned by estimate, so small jobs give the same bits everywhere; longer
 * ones are measured, and their last bits may differ from run to run.
 */
#ifndef AET_NUM_FFT_BAND_H
#define AET_NUM_FFT_BAND_H

#include "aetlas/base/error.h"
#include <complex.h>
#include <stdint.h>

typedef struct aet_fft_band aet_fft_band;

/* 0 <= hx < nx/2, the same for y, at most 16384 points; else INPUT.  NOMEM. */
aet_err aet_fft_band_create(int nx, int ny, int hx, int hy, aet_fft_band **plan);
void aet_fft_band_free(aet_fft_band **plan);
/* Bytes that such a plan holds. */
int64_t aet_fft_band_bytes(int nx, int ny, int hx, int hy);

void aet_fft_band_backward(aet_fft_band *p, const float complex *spectrum, float complex *field);
/* Frequencies with |ky| > limit[kx + hx] become 0; limit NULL: none. */
void aet_fft_band_forward(aet_fft_band *p, const float complex *field, float complex *spectrum,
                          const int *limit);
/* In place: spectrum = fx[kx] fy[ky] F(field * backward(spectrum)), in the limit as above; the
 * scaling 1/(nx ny) is up to fx.  In one go, so that the product never exists as a whole. */
void aet_fft_band_multiply(aet_fft_band *p, float complex *spectrum, const float complex *field,
                           const float complex *fx, const float complex *fy, const int *limit);

/* Local.  A size >= n, a multiple of `multiple`, with prime factors 2, 3, 5, 7, for lines of which
 * FFTW is quick: multiples of 32 cost about 1.5 ns a point and line here, others up to 2.5 ns, so
 * the next one of them is worth going up by a seventh for. */
int aet_fft_band_size(int n, int multiple);

#endif
