/* Gaussian blur along the axes of an array; beyond its ends the last value goes on.  Everything is
 * Local. */
#ifndef AET_NUM_BLUR_H
#define AET_NUM_BLUR_H

/* Weights of a Gaussian at -reach to reach samples, of sum 1; release with aet_release.  sigma 0:
 * all of it in the middle. */
double *aet_blur_weights(double sigma, int reach);

/* a[n0][n1][n2], in place, along the axes that are longer than 1; from beyond `cut` times sigma
 * nothing comes.  Sums are in double. */
void aet_blur(float *a, int n0, int n1, int n2, double sigma, double cut);

#endif
