/* Shared inside simulate/stem*.c and its parts: the cell of the waves, the specimen in slices, the
 * probe and the detector. */
#ifndef AET_STEM_PRIV_H
#define AET_STEM_PRIV_H

#include "aetlas/num/fft_band.h"
#include "aetlas/physics/optics.h"
#include "aetlas/physics/scattering.h"
#include "aetlas/simulate/stem.h"
#include <complex.h>

/* ---- stem_grid.c: the periodic cell ---- */

/* Waves are spectra in the order of aetlas/num/fft_band.h, [mx][my]. */
typedef struct {
    int nx, ny;
    double lx, ly;      /* A */
    int hx, hy, mx, my; /* band: frequencies -hx..hx, in units of 1/lx; the same for y */
    int *limit;         /* [mx]: the largest |ky| inside the circle for each kx */
    double q_limit;     /* 1/A */
    double lambda_A;
    aet_fft_band *plan;
    float complex *fx, *fy;  /* [mx], [my]: factors of free space */
    aet_cell *field;         /* of the transforms: sixteen rows side by side */
    float complex *spectrum; /* [mx][my] */
} aet_stem_grid;

/* Local.  Pixels no larger than sampling_A, in sizes that transform quickly; no memory yet. */
void aet_stem_grid_size(double lx, double ly, double sampling_A, double energy_keV,
                        aet_stem_grid *g);
/* Local.  Memory and plans for a sized grid.  NOMEM. */
aet_err aet_stem_grid_equip(aet_stem_grid *g);
void aet_stem_grid_free(aet_stem_grid *g);
static inline int64_t aet_stem_grid_wave(const aet_stem_grid *g) /* points of a spectrum */
{
    return (int64_t)g->mx * g->my;
}
/* Fills fx and fy with free space of so many A, times scale. */
void aet_stem_grid_space(aet_stem_grid *g, double distance_A, double scale);

/* ---- stem_slices.c: the specimen and its transmission functions ---- */

/* Atoms in the frame of the microscope, by depth, and the slices that are not empty. */
typedef struct {
    int n;
    double (*at_A)[3];
    uint8_t *species;
    int slices;
    double *depth_A;   /* [slices]: of their middles */
    int *first, *last; /* [slices]: atoms that reach into the slice: first <= i < last */
} aet_stem_specimen;

typedef struct aet_stem_slicer aet_stem_slicer;

/* Local.  The atoms of a model in orientation R, displaced by displacement (or NULL) [n][3]. */
aet_err aet_stem_specimen_create(const aet_atoms *a, const double R[3][3],
                                 const double (*displacement_A)[3], const aet_stem_params *p,
                                 aet_stem_specimen **s);
void aet_stem_specimen_free(aet_stem_specimen **s);

/* Local.  species: atomic numbers, n of them.  INPUT, NOMEM. */
aet_err aet_stem_slicer_create(const aet_stem_grid *g, const aet_stem_params *p, const int *species,
                               int n, aet_stem_slicer **s);
void aet_stem_slicer_free(aet_stem_slicer **s);
int64_t aet_stem_slicer_bytes(const aet_stem_grid *g);
/* Local.  The transmission function of one slice, band-limited, into g->field; left_A: where pixel
 * (0, 0) of the cell lies.  whole: the cell holds all atoms; else those outside of it are left out.
 */
aet_err aet_stem_slice(aet_stem_slicer *s, aet_stem_grid *g, const aet_stem_specimen *specimen,
                       int slice, const double left_A[2], bool whole);

/* ---- stem_core.c ---- */

/* Local.  What a scattering factor must be added to inside a band that ends at limit (1/A), real and
 * imaginary part in A at the frequencies limit k / nodes, k = 0 .. nodes: see the file.  NUMERIC
 * where there is no solution, NOMEM. */
aet_err aet_stem_core(const aet_scattering *row, double energy_keV, double limit, int nodes,
                      float *correction_re_im);

/* ---- stem_waves.c: through the specimen, in and out ---- */

/* Local.  Carries n waves, spectra at the plane z = 0 as if the specimen were not there, through
 * the specimen; out come spectra at that plane too.  STOPPED when asked to. */
aet_err aet_stem_propagate(aet_stem_slicer *s, aet_stem_grid *g, const aet_stem_specimen *specimen,
                           const double left_A[2], bool whole, float complex *waves, int n);

/* The aperture with its aberrations, every `step`-th frequency of the grid: sum |amplitude|^2 = 1.
 */
typedef struct {
    int n;
    int *kx, *ky;             /* [n], ascending kx, then ky; in units of 1/l, multiples of step */
    float complex *amplitude; /* [n] */
} aet_stem_aperture;
aet_err aet_stem_aperture_create(const aet_stem_grid *g, const aet_optics *o, int step,
                                 aet_stem_aperture *a);
void aet_stem_aperture_free(aet_stem_aperture *a);
/* Local.  The wave of a probe at (x, y) of the cell. */
void aet_stem_probe(const aet_stem_grid *g, const aet_stem_aperture *a, double x_A, double y_A,
                    float complex *wave);

/* Local.  Weight of every frequency of a grid of lx by ly A at the annular detector; [2 hx + 1][2
 * hy + 1]. */
void aet_stem_detector(const aet_stem_params *p, double lx, double ly, int hx, int hy,
                       float *weight);
/* sum weight |wave|^2, in double. */
double aet_stem_detect(const float *weight, const float complex *wave, int64_t n);

/* ---- stem_phonons.c ---- */

/* Local.  Root mean square displacement along one axis by atomic number, from thermal; USAGE. */
aet_err aet_stem_thermal(const aet_stem_params *p, const aet_atoms *a, double rms_A[256]);
/* Local.  displacement [n][3] in the frame of the model. */
void aet_stem_displace(const aet_atoms *a, const double rms_A[256], int seed, int tilt,
                       int configuration, double (*displacement_A)[3]);

#endif
