/* Single-precision 2-D transforms of band-limited complex waves.
 *
 * A wave lives on nx x ny points, but its spectrum only holds frequencies -hx..hx by -hy..hy.  The
 * spectrum is stored without the rest and transposed: [2hx+1][2hy+1], ky fastest, zero frequency at
 * [hx][hy].  A field is made of cells of 16 rows (aetlas/num/lanes.h): [rows / 16, rounded up][nx],
 * point (x, y) in lane y % 16 of cell [y / 16][x]; what lanes beyond the last row hold does not
 * matter.  Forward F[k] = sum f[x] exp(-2 pi i k x / n), backward without scaling.  Lines that the
 * band leaves empty are never transformed: (4 hx + 2 + 2 ny) instead of (2 nx + 2 ny) lines in a
 * pair of transforms.
 *
 * Everything is Local.  A plan has scratch memory of its own: one thread at a time.  Nothing is
 * measured, so the same input gives the same bits wherever the program is the same.
 */
#ifndef AET_NUM_FFT_BAND_H
#define AET_NUM_FFT_BAND_H

#include "aetlas/base/error.h"
#include "aetlas/num/lanes.h"
#include <complex.h>
#include <stdint.h>

typedef struct aet_fft_band aet_fft_band;

/* 0 <= hx < nx/2, the same for y, at most 16384 points of prime factors 2, 3, 5, 7; else INPUT.
 * NOMEM. */
aet_err aet_fft_band_create(int nx, int ny, int hx, int hy, aet_fft_band **plan);
void aet_fft_band_free(aet_fft_band **plan);
/* Bytes that such a plan holds, and cells of a field. */
int64_t aet_fft_band_bytes(int nx, int ny, int hx, int hy);
int64_t aet_fft_band_cells(int nx, int ny);

/* A field from rows of real and imaginary parts, `stride` numbers apart, and back. */
void aet_fft_band_pack(const aet_fft_band *p, const float *re, const float *im, int64_t stride,
                       aet_cell *field);
void aet_fft_band_unpack(const aet_fft_band *p, const aet_cell *field, float *re, float *im,
                         int64_t stride);

void aet_fft_band_backward(aet_fft_band *p, const float complex *spectrum, aet_cell *field);
/* Frequencies with |ky| > limit[kx + hx] become 0; limit NULL: none. */
void aet_fft_band_forward(aet_fft_band *p, const aet_cell *field, float complex *spectrum,
                          const int *limit);
/* In place: spectrum = fx[kx] fy[ky] F(field * backward(spectrum)), in the limit as above; the
 * scaling 1/(nx ny) is up to fx.  In one go, so that the product never exists as a whole. */
void aet_fft_band_multiply(aet_fft_band *p, float complex *spectrum, const aet_cell *field,
                           const float complex *fx, const float complex *fy, const int *limit);

/* Local.  A size >= n, a multiple of `multiple`, with prime factors 2, 3, 5, 7, for which a pair of
 * transforms is quick: few passes, and no lanes left empty. */
int aet_fft_band_size(int n, int multiple);

#endif
