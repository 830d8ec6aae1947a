/* Inside num/fft*.c, the door to FFTW. */
#ifndef AET_NUM_FFT_PRIV_H
#define AET_NUM_FFT_PRIV_H

/* Local.  FFTW and FFTW-MPI are started, once. */
void fft_init_once(void);
/* Local.  FFTW's planning flag for a transform of so many points. */
unsigned fft_rigor(double points);

#endif
