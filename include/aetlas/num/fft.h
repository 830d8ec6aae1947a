/* Fourier transforms; the only door to FFTW and FFTW-MPI.
 *
 * Conventions: forward F[k] = sum f[x] exp(-2 pi i k x / n), backward without 1/n scaling.  Plans
 * of large transforms are measured once and kept as wisdom (aet_fft_start).
 */
#ifndef AET_NUM_FFT_H
#define AET_NUM_FFT_H

#include "aetlas/base/error.h"
#include "aetlas/par/slab.h"
#include <complex.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

/* Collective.  Starts FFTW-MPI, and, when path is not NULL, reads wisdom from it (missing: fine)
 * and writes it back at aet_fft_finish.  Called once by main. */
void aet_fft_start(MPI_Comm comm, const char *wisdom_path);
void aet_fft_finish(MPI_Comm comm);

/* Local, before any plan is made; the same on all ranks.  From now on plans come from FFTW's estimate
 * alone, large ones too, and wisdom is neither used nor kept: the same program then gives the same
 * bits in every run, at the cost of slower large transforms. */
void aet_fft_repeatable(void);

/* A distributed in-place 3-D real transform of [nz][ny][nx], slabs along z; the spectrum is
 * transposed: slabs along y, local shape [y.count][nz][nx/2+1].  Real rows are padded: local real
 * shape [z.count][ny][row], row = 2*(nx/2+1). */
typedef struct aet_fft3 aet_fft3;
typedef struct {
    int nx, ny, nz;
    int row;       /* reals per padded row */
    aet_slab z;    /* planes of the real array on this rank */
    aet_slab y;    /* ky rows of the spectrum on this rank */
    int64_t reals; /* length of the buffer in reals */
} aet_fft3_shape;

/* Collective.  single: float, else double.  NOMEM, INPUT. */
aet_err aet_fft3_create(MPI_Comm comm, int nx, int ny, int nz, bool single, aet_fft3 **plan);
void aet_fft3_free(aet_fft3 **plan);
/* Local. */
const aet_fft3_shape *aet_fft3_get_shape(const aet_fft3 *plan);
/* Local.  The plan's own buffer, aligned: float * or double *; as spectrum float complex * or
 * double complex *. */
void *aet_fft3_buffer(aet_fft3 *plan);
/* Collective. */
void aet_fft3_forward(aet_fft3 *plan);
void aet_fft3_backward(aet_fft3 *plan);

/* A Local 2-D real transform of one image [ny][nx]; spectrum [ny][nx/2+1].  Out of place, input of
 * backward is destroyed.  Double precision. */
typedef struct aet_fft2 aet_fft2;
/* Local.  NOMEM. */
aet_err aet_fft2_create(int nx, int ny, aet_fft2 **plan);
void aet_fft2_free(aet_fft2 **plan);
/* Local.  The plan's own buffers; they live as long as it. */
double *aet_fft2_real(aet_fft2 *plan);             /* [ny][nx] */
double complex *aet_fft2_spectrum(aet_fft2 *plan); /* [ny][nx/2+1] */
/* Local.  From one buffer to the other. */
void aet_fft2_forward(aet_fft2 *plan);
void aet_fft2_backward(aet_fft2 *plan);

/* A Local backward 1-D transform of one line of n, in place in the plan's own buffer: complex to
 * complex, or (real) from n/2+1 coefficients to n reals.  Double precision. */
typedef struct aet_fft1 aet_fft1;
aet_err aet_fft1_create(int n, bool real, aet_fft1 **plan);
void aet_fft1_free(aet_fft1 **plan);
double complex *aet_fft1_line(aet_fft1 *plan); /* room for n; as double * after a real one */
void aet_fft1_backward(aet_fft1 *plan);

/* Local.  The smallest m >= n that has only the prime factors 2, 3, 5, 7. */
int aet_fft_good_size(int n);
/* Local.  Signed frequency of index k of n: k for k < (n+1)/2, else k - n. */
static inline int aet_fft_signed(int k, int n)
{
    return k < (n + 1) / 2 ? k : k - n;
}

#endif
