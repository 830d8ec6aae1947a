/* Inside the refinement: a level of binned images, derivatives, common motions. */
#ifndef AET_RECON_REFINE_PRIV_H
#define AET_RECON_REFINE_PRIV_H

#include "aetlas/num/linop.h"
#include "aetlas/recon/refine.h"

enum {
    REFINE_MOST = 5
}; /* unknowns of an image: three angles or what stands for them, two shifts */

/* ---- refine_pose.c: everything Local ---- */

/* What of a pose is unknown, in the order of its columns. */
typedef enum {
    REFINE_PHI,
    REFINE_THETA,
    REFINE_PSI,
    REFINE_IN_PLANE,
    REFINE_X,
    REFINE_Y
} refine_unknown;

typedef struct {
    int n;
    refine_unknown of[REFINE_MOST];
} refine_unknowns;

refine_unknowns refine_unknowns_of(const aet_refine_params *p);
/* Rotation vectors in the laboratory, radian per radian, of an angle at a pose. */
void refine_axis(refine_unknown which, const double angles_deg[3], double axis[3]);
/* Takes the step of each unknown: radian, pixels. */
void refine_move(const refine_unknowns *u, const double *step, aet_pose *pose);
/* phi, theta, psi of a rotation as aet_rotation makes it; of the two solutions the one nearest to
 * near_deg. */
void refine_euler(const double R[3][3], const double near_deg[3], double angles_deg[3]);
/* The orientation that sees an object as the pose sees it stretched by 1 + e along z: tan theta' = (1 + e)
 * tan theta for plain tilts.  Images differ by e sin^2 theta of their width alone. */
void refine_stretch_pose(double e, aet_pose *pose);
/* Angle of the rotation from one orientation to another, degrees. */
double refine_angle_between(const double a_deg[3], const double b_deg[3]);

/* ---- refine_gauge.c: everything Local ---- */

/* Takes out of `now` the rotation and the shift of the object that bring it nearest to `before`,
 * in least squares with a weight for each tilt.  With fewer than three angles refined, their mean
 * change instead of a rotation; nothing for what is not refined. */
aet_err refine_gauge(const aet_refine_params *p, int n, const aet_pose *before,
                     const double *weight, aet_pose *now);
/* The same so that one tilt comes to stand as before, exactly. */
aet_err refine_gauge_reference(const aet_refine_params *p, int n, const aet_pose *before,
                               int reference, aet_pose *now);

#define REFINE_BLUR_CUT 3.0 /* standard deviations at which a blur ends */

/* ---- refine_level.c ---- */

/* Images as [n][nu][nv] (v, the image's y, fastest), of this rank's block of tilts or of all. */
typedef struct {
    MPI_Comm comm;
    int bin;          /* pixels of the series per pixel of the level, along each side */
    double offset[2]; /* pivot from the pivot pixel's centre, pixels of the level, along u and v */
    int n, nu, nv;    /* images */
    int64_t m;        /* nu * nv */
    int first, mine;  /* this rank's block of tilts */
    int size[3];      /* volume */
    const aet_recon_params *recon;
    float *b;         /* [n][m] measured */
    float *r;         /* [n][m] residual */
    float *x, *y, *g; /* volume, the point ahead of it, gradient; operator order */
    double momentum;  /* of the iteration, goes on from round to round */
    double norm2;     /* of the operator; 0: not known yet */
    bool *used;       /* [n]: takes part in the volume */
    aet_linop *op;    /* for the poses of refine_level_poses */
    double (*angles_deg)[3], (*shift)[2]; /* [n] of the operator, pixels of the level */
} refine_level;

/* Derivatives of the images of this rank's block. */
typedef struct {
    int k;           /* unknowns */
    float *column;   /* [mine][k][m]: of image by unknown; radian, pixels of the level */
    double *pull;    /* [mine][k]: derivative of the pull towards the given angles */
    double *inverse; /* [mine][k][k]: of J^T J with the pull and some damping */
} refine_jacobian;

/* Collective.  NOMEM. */
aet_err refine_level_create(MPI_Comm comm, const aet_tilt *tilt, const aet_recon_params *recon,
                            int bin, double blur, refine_level *l);
void refine_level_free(refine_level *l);
/* Collective.  The operator for these poses. */
aet_err refine_level_poses(refine_level *l, const aet_pose *poses);
/* Collective.  Iterations of the volume, and l->r = A x - b.  Without j from nothing; with it from
 * where the volume stands, and the part along the derivatives is taken out of residuals.  STOPPED. */
aet_err refine_level_volume(refine_level *l, const refine_jacobian *j, int iterations);

/* ---- refine_beads.c, refine_peaks.c ---- */

enum {
    REFINE_BEAD_REACH = 20 /* pixels, of an image's patch at most */
};

/* Atoms as far as a refinement cares.  The image of one is a Gaussian and another of twice its variance. */
typedef struct {
    int n, room;
    double (*at)[3]; /* owned, [n]: voxels of the level, x, y, z from the origin voxel */
    double *weight;  /* owned, [n]: integral of the image */
    double sigma;    /* of the narrow Gaussian, pixels */
} refine_beads;

/* Local.  Adds to an image [nu][nv] what changes with a bead that is seen at `at` (pixels from the first
 * one): change[0] times its image at weight 1, and change[1], [2], [3] times the derivatives of that by its
 * place along u, along v, and the logarithm of the width. */
void refine_bead_paint(const refine_beads *b, const double at[2], const double change[4], int nu,
                       int nv, float *image);
/* Local.  The adjoint: scalar products of an image with those four. */
void refine_bead_gather(const refine_beads *b, const double at[2], const float *image, int nu,
                        int nv, double sum[4]);
/* Local.  Height of such an image, and integrals over the plane of its square and of its slope's along an axis. */
double refine_bead_top(const refine_beads *b);
void refine_bead_norms(const refine_beads *b, double *flat, double *slope);
/* Collective.  The high local maxima of the level's volume, the same on all ranks, blurred where they are
 * too sharp for atoms without.  NOMEM. */
aet_err refine_beads_find(const refine_level *l, refine_beads *beads);
/* Collective.  Beads at the high maxima of the back projection of the residual images l->r, which the level's
 * volume holds, away from those that are there.  NOMEM. */
aet_err refine_beads_add(const refine_level *l, refine_beads *beads);
/* Local. */
void refine_beads_push(refine_beads *b, const double at[3], double weight);
void refine_beads_free(refine_beads *beads);

/* ---- refine_bundle.c ---- */

/* Unknowns of the joint fit: of each bead its move (voxels) and relative change of weight, of each image its
 * step (radian, pixels of the level), then change of the beads' width (logarithm). */
typedef struct {
    const refine_level *l;
    const refine_unknowns *u;
    refine_beads *b;
    aet_pose *poses; /* [n] */
    bool still;      /* poses stay */
    int64_t poses_at, width_at,
        size;         /* unknowns before those of images, before the width, and all */
    float *r;         /* [mine][m]: images less those of the beads */
    float *image;     /* [m] to work in */
    double *diagonal; /* [size] */
} refine_bundle;

/* Collective.  Fills r; sum of its squares, of images in use. */
double refine_bundle_residual(const refine_bundle *w);
/* Collective.  The step x[size] for the residual r; work: [5][size]. */
void refine_bundle_solve(const refine_bundle *w, double *x, double *work);

/* ---- refine_bundle_fit.c ---- */

/* Collective.  Poses that explain the level's images (not blurred) by atoms best, from near ones.  *found tells
 * whether the object was of atoms; else poses are of no use.  The level's volume and operator are those
 * of the poses before.  NOMEM, STOPPED. */
aet_err refine_by_beads(refine_level *l, const refine_unknowns *u, const aet_refine_params *p,
                        aet_pose *poses, bool *found);

/* ---- refine_jacobian.c ---- */

/* What draws an angle towards the given one. */
typedef struct {
    double hold_deg;
    const aet_pose *before, *now; /* [n] */
} refine_hold;

/* Collective.  Fills j (allocated when empty) for volume, residuals and poses of the level. */
aet_err refine_jacobian_make(const refine_level *l, const refine_unknowns *u,
                             const refine_hold *hold, refine_jacobian *j);
void refine_jacobian_free(refine_jacobian *j);
/* Local.  Step [k] of an image of this rank (i counts from l->first) that makes the residual r least. */
void refine_jacobian_step(const refine_level *l, const refine_jacobian *j, int i, const float *r,
                          double *step);
/* Local.  r plus the image's derivatives times step. */
void refine_jacobian_add(const refine_level *l, const refine_jacobian *j, int i, const double *step,
                         float *r);

#endif
