/* What the files of the fit to images share. */
#ifndef AET_TRACE_IMAGES_PRIV_H
#define AET_TRACE_IMAGES_PRIV_H

#include "aetlas/num/fft.h"
#include "aetlas/num/lanes.h"
#include "aetlas/physics/scattering.h"
#include "aetlas/trace/images.h"
#include <stdbool.h>
#include <stdint.h>

/* Of the least distance: while places are off by as much, pairs may be so near. */
#define IMAGES_NEAR 0.8

enum { SPECIES_MAX = AET_FIT_SPECIES_MAX, STAMP = 12, POSE = 5, PAIRS_MAX = 36, BASIS_MAX = 6 };

/* Transforms of two real planes [my][mx] at once, single precision. */
typedef struct {
    int mx, my; /* multiples of AET_LANES */
    aet_lanes *along_x, *along_y;
    aet_cell *line, *cells; /* owned, [mx], [mx / AET_LANES][my] */
    float *re, *im;         /* owned: the planes */
} images_convolver;

/* Local.  A size of n or more that it can have. */
int images_plane_size(int n);
/* Local.  INPUT, NOMEM. */
aet_err images_convolver_create(int mx, int my, images_convolver *c);
void images_convolver_free(images_convolver *c);
/* Local.  A lens [my][mx/2+1] in the order of the cells: [mx / AET_LANES][my]. */
void images_arrange(const images_convolver *c, const double *lens, aet_lane *wave);
/* Local.  Planes re and, if two, im to cells; cells times p + i sign q (q may be NULL); and back. */
void images_forward(const images_convolver *c, bool two);
void images_filter(const images_convolver *c, const aet_lane *p, const aet_lane *q, float sign);
void images_backward(const images_convolver *c, bool two);

/* The grid on which images are made.  Image pixel (i, j) is its point (pad + fine i, pad + fine j);
 * an atom is put down as the window, a Gaussian of unit sum and of variance window2 (points^2). */
typedef struct {
    int nx, ny; /* pixels of the image */
    int mx, my; /* points of the grid */
    int fine;   /* points per pixel */
    int pad;    /* points in front of the first pixel; images are cut there */
    double step_A;
    double window2;
    double own[STAMP];     /* exp(-i^2 / (2 window2)) */
    int64_t points, waves; /* my mx, my (mx/2 + 1) */
    aet_fft2 *fft;         /* for what is done seldom */
    images_convolver c;    /* for what is done often */
} images_grid;

/* Local.  For profiles of standard deviation sigma_A or more.  NOMEM. */
aet_err images_grid_create(int nx, int ny, double pixel_A, double sigma_A, images_grid *g);
void images_grid_free(images_grid *g);
/* Local.  Adds amount times the window at the pixel place at[2] to a plane of the grid, and slope[2]
 * times its derivative with that place (pixels).  Atoms too far outside are left out. */
void images_spread(const images_grid *g, const double at[2], double amount, const double slope[2],
                   float *plane);
/* Local.  The transpose: the plane seen through the window, and its derivatives with the place. */
void images_gather(const images_grid *g, const double at[2], const float *plane, double out[3]);
/* Local.  Squared frequency in 1/A^2 of each wave into q2[waves]. */
void images_frequencies(const images_grid *g, double *q2);

/* One species: the transform of its profile over that of the window, in the units of the grid. */
typedef struct {
    int z;
    const aet_scattering *row;
    double variance; /* of the Gaussian, A^2 */
    double height;
    int count;
    double *factor; /* owned, [waves]: form factor over window */
    double *lens;   /* owned, [waves]: factor times exp(-2 pi^2 variance q^2) */
    aet_lane *wave; /* owned: the lens in the order of the convolver */
} images_kind;

/* Where an image looks. */
typedef struct {
    double angles_deg[3], shift_px[2];
    double see[2][3];     /* pixels per A: first rows of R */
    double turn[3][2][3]; /* their derivatives with the angles, per radian */
} images_pose;

typedef struct {
    MPI_Comm comm;
    const aet_tilt *tilt;
    const aet_fit_params *p;
    images_grid g;
    double *q2; /* owned, [waves] */
    double least_variance;
    int n_kinds;
    images_kind kind[SPECIES_MAX];
    int first, own;        /* images of this rank */
    images_pose *pose;     /* owned, [tilt->n], the same on all ranks */
    float *weight;         /* owned, [own][ny][nx] */
    float *residual;       /* owned, [own][ny][nx]: measured - model - background */
    double *normal;        /* owned, [own][BASIS_MAX^2]: inverse normal matrix of the background */
    double *work, *other;  /* owned, [points] each */
    float *plane;          /* owned, [points] */
    double complex *waves; /* owned, [waves] */
    double *cross;         /* owned, [pairs][waves]: transforms of products of two profiles */
    int n, room;
    double (*at)[3], (*start)[3]; /* owned, [room], A */
    double *excess;               /* owned: height = that of the species times 1 + excess */
    int *species;                 /* owned: index into kind */
    int *origin;                  /* owned: index in the given model, -1: added */
    bool *fresh;                  /* owned: on trial, its height is free */
    double (*site)[3];            /* owned: where the crystal expects an atom, */
    bool *tied;                   /* owned: if it does */
    double *centre, *width;       /* owned: prior of the excess; width 0: spread, about 0 */
    double spread;                /* of heights, as of now */
    bool held;                    /* positions and poses stay as they are */
    double bright;                /* mean of a pixel of the particle in the model */
    double noise;
    aet_fit_report *report;
} images_fit;

/* Local.  Image number `image`, one of this rank's, in a stack of these. */
static inline float *images_own(const images_fit *f, float *stack, int image)
{
    return stack + (int64_t)(image - f->first) * f->g.nx * f->g.ny;
}

/* ---- images_start.c; Collective ---- */
/* Species, grid, poses; a width common to all species that suits, heights; weights are all 1. */
aet_err images_begin(MPI_Comm comm, const aet_tilt *tilt, const aet_atoms *atoms,
                     const aet_fit_params *p, aet_fit_report *report, images_fit *f);
/* Local. */
void images_end(images_fit *f);

/* ---- images_model.c: everything about one image ---- */

/* A vector of unknowns: [4 n] moves in A and excess of each atom, [POSE tilts] angles (radian) and
 * shifts (pixels).  length: */
static inline int64_t images_unknowns(const images_fit *f)
{
    return 4 * (int64_t)f->n + POSE * f->tilt->n;
}
/* Local.  Makes see and turn of a pose from its angles. */
void images_pose_set(images_fit *f, int image);
/* Local.  Pixel place of a point in an image. */
void images_look(const images_fit *f, int image, const double r[3], double at[2]);
/* Local.  Lenses from the species' variances. */
void images_lenses(images_fit *f);
/* Local.  Image number `image` of the model into plane [ny][nx], no background; direction NULL: the
 * model itself; else its derivative along that vector of unknowns. */
void images_project(images_fit *f, int image, const double *direction, double *plane);
/* Local.  Adds the transpose of that derivative, times plane, to out. */
void images_back(images_fit *f, int image, const double *plane, double *out);
/* Local.  Takes what the background explains of plane out of it. */
void images_flatten(images_fit *f, int image, double *plane);
/* Local.  Prepares that for the weights as they are; plane: room for an image.  NUMERIC. */
aet_err images_background(images_fit *f, int image, double *plane);

/* Local.  Puts the atoms of species s, or their derivative along a direction, on a grid (s past the
 * last: none). */
void images_put_atoms(const images_fit *f, int image, int s, const double *direction, float *grid);
/* Local.  Pixels out of a grid, and back (zero elsewhere). */
void images_cut(const images_grid *g, const float *grid, double *plane);
void images_put(const images_grid *g, const double *plane, float *grid);
/* Local.  Between planes of the grid. */
void images_to_float(const images_grid *g, const double *from, float *to);
void images_to_double(const images_grid *g, const float *from, double *to);

/* ---- images_pass.c: over all images; Collective ---- */

typedef struct {
    double cost, r1;
} images_misfit;
/* Residuals and misfit of the model as it is; gradient (may be NULL): -J^T W residual * -1, that is
 * J^T W (measured - model), [unknowns]. */
aet_err images_residuals(images_fit *f, double *gradient, images_misfit *m);
/* Weights from the model as it is. */
aet_err images_weights(images_fit *f, bool first);
/* out = J^T W J in.  plane: room for an image. */
void images_normal(images_fit *f, double *plane, const double *in, double *out);
/* One Newton step of heights and variances. */
aet_err images_newton(images_fit *f, bool widths);
/* Local.  Transforms of the products of profiles, as the variances are. */
void images_crosses(images_fit *f);
/* Local.  The transform of an image of weights (residual false) or of weighted residuals into
 * f->waves, and then, as a plane of the grid (borrowed), its correlation with the profile of species
 * s (t < 0) or with the product of those of s and t: to be read through the window, or by itself. */
void images_transform(images_fit *f, int image, bool residual, double *plane);
const float *images_map(images_fit *f, int s, int t, bool window);
/* The first with |frequency along x| as a further factor: what a reconstruction by filtered
 * back-projection would sum up. */
const float *images_map_filtered(images_fit *f, int s);
/* Correlation of the weighted residual with each species at each of n points, score[n][kinds], and
 * of the weights with the products of their profiles, power[n][pairs] (aet_pair_row). */
aet_err images_correlate(images_fit *f, int n, const double (*at)[3], double *score, double *power);

/* ---- images_solve.c; Collective ---- */
/* Steps until atoms rest. */
aet_err images_settle(images_fit *f, int steps);
/* Heights alone, all together: a linear problem, one step. */
aet_err images_heights(images_fit *f, int iterations);

/* ---- images_edit.c; Collective ---- */

/* What the images say about an atom, all else as it is: its best species, the fall of the misfit by
 * an atom of each species (the prior on heights included) and the height that suits each best, in
 * units of that of the species; whole: the fall by a whole atom that suits. */
typedef struct {
    int best;
    double gain[SPECIES_MAX], height[SPECIES_MAX], whole[SPECIES_MAX];
} images_verdict;
/* verdict: [n], of the atoms as they are. */
aet_err images_judge(images_fit *f, images_verdict *verdict);
/* Local.  The same of a place, from its correlations: score[kinds], power[pairs], and what stands
 * there now: species (-1: nothing) and height. */
void images_weigh(const images_fit *f, const double *score, const double *power, int now,
                  double height, images_verdict *v);
/* Atoms dropped and, if asked for, species changed; counted in the report. */
aet_err images_edit(images_fit *f, bool species);
/* Local.  Room for n atoms.  NOMEM. */
aet_err images_room(images_fit *f, int n);
/* Local.  Places and species as they are, the caller's.  NOMEM. */
aet_err images_atoms(const images_fit *f, aet_atoms **atoms);
/* Local.  Keeps the atoms with keep[i], in order. */
void images_keep(images_fit *f, const bool *keep);
/* Local.  What a whole atom of the faintest species sends to an image (lens at 0 times height), and
 * that over what an atom of species s sends. */
double images_faintest(const images_fit *f, int s);
/* Local.  Counts of the species. */
void images_count(images_fit *f);

/* ---- images_search.c; Collective ---- */
/* Adds atoms where the residual asks for them; counted in the report. */
aet_err images_add(images_fit *f);
/* Puts atoms at n places and keeps those to which the images give some height; counted too. */
aet_err images_try(images_fit *f, int n, const double (*at)[3]);

/* ---- images_crystal.c; Collective ---- */
/* Atoms off the sites are put on them, atoms that have none to go to dropped, free sites tried; *edits:
 * how many that were. */
aet_err images_to_sites(images_fit *f, aet_fit_guide *guide, int *edits);

/* ---- images_species.c; Collective ---- */
/* Species by the heights of all atoms together, with steps of the fit between; guide: NULL, or what
 * places atoms on sites meanwhile. */
aet_err images_species(images_fit *f, aet_fit_guide *guide);

#endif
