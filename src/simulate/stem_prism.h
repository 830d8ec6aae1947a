/* Shared by the files of PRISM inside simulate/. */
#ifndef AET_STEM_PRISM_H
#define AET_STEM_PRISM_H

#include "stem_job.h"

/* The matrix of exit waves keeps the frequencies that the detector sees, one sample of a probe's spectrum more and
 * the aperture, on a grid just fine enough for them, sx by sy points on the cell, in single precision, real and
 * imaginary parts apart, so that sums of beams are products of real matrices:
 *
 *   column after column of beams (equal kx), each [sy][2][beams of the column][sx]
 *
 * A probe is cut to wx by wy points around it: the cell / f. */
struct aet_stem_prism {
    int f, sx, sy, wx, wy;
    aet_stem_aperture beams; /* every f-th frequency */
    int columns;             /* of all beams */
    int *first;              /* [columns + 1]: beams of a column */
    bool shared;             /* several ranks may share an item, */
    int share;               /* at least so many, at most one more */
    int passes;              /* the columns of a rank are done in so many parts */
    int most_beams;          /* beams of a part at most */
    int flight;              /* beams that go through the specimen at a time */
    int chunk;     /* probes summed up at a time when parts or ranks are several; 0: tiles */
    float *matrix; /* [most_beams][2][sy][sx], of the part at hand */
    int *column;   /* [part]: which columns it holds */
    int part;
    int64_t *place;        /* [part]: where they start in the matrix */
    float complex *waves;  /* [flight] spectra */
    int hx, hy;            /* frequencies of the cell that the matrix keeps */
    float complex *narrow; /* [2 hx + 1][2 hy + 1]: of one exit wave */
    aet_fft_band *fine;    /* of the grid of the matrix */
    aet_cell *exit;        /* one exit wave, a field of it */
    aet_fft_band *window;
    aet_cell *view;                    /* a probe behind the specimen */
    float complex *seen;               /* its spectrum */
    float *weight;                     /* of the detector on it */
    float *probes;                     /* [chunk or tile][2][wy][wx]: probes behind the specimen */
    struct aet_stem_parents *parents;  /* NULL: every beam is computed */
    float *left, *lines, *right, *row; /* scratch of sums: see stem_prism_sum.c */
};

enum { AET_STEM_PRISM_LINES = 8, AET_STEM_PRISM_ACROSS = 32, AET_STEM_PRISM_GROUP = 8 };

/* Local.  Rows of one exit wave on the grid of the matrix, `stride` numbers apart. */
void aet_stem_prism_exit(aet_stem_job *j, const float complex *wave, float *re, float *im,
                         int64_t stride);
/* Local.  The beams of the parts of rank `rank` among `size` in pass `pass`, through the specimen. */
aet_err aet_stem_prism_fill(aet_stem_job *j, const aet_stem_specimen *specimen,
                            const double left_A[2], int rank, int size, int pass);

/* ---- stem_parents.c: few beams computed, the others interpolated ---- */

int64_t aet_stem_parents_count(int rings);
/* Local.  NUMERIC, NOMEM. */
aet_err aet_stem_parents_create(aet_stem_job *j);
void aet_stem_parents_free(struct aet_stem_parents **t);
/* Collective.  The parents through the specimen, shared by the ranks of the group. */
aet_err aet_stem_parents_fly(MPI_Comm group, aet_stem_job *j, const aet_stem_specimen *specimen,
                             const double left_A[2]);
/* Local.  One column of beams for the matrix. */
void aet_stem_parents_column(struct aet_stem_prism *s, int column, float *out);

/* ---- stem_prism_sum.c ---- */

/* Local.  What the beams at hand bring to the probes of one tile, into probes[0 .. count - 1], added if `add`. */
void aet_stem_prism_sum(aet_stem_job *j, const aet_stem_scan *scan, const aet_stem_unit *tile,
                        const double left_A[2], bool add, float *probes);
/* Local.  Fraction of the current at the detector, of one probe [2][wy][wx]. */
double aet_stem_prism_detect(aet_stem_job *j, const float *probe);

/* Points along x of the sums of a tile, at most. */
int aet_stem_prism_wide(const aet_stem_job *j);

#endif
