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

/* ---- refine_stretch.c ---- */

/* Local.  The orientation that sees an object as the pose sees it stretched by 1 + e along z. */
void refine_stretch_pose(double e, aet_pose *pose);
/* Collective.  Stretches all poses (all three angles) so that images are explained best; the level's volume and operator
 * are those of a trial afterwards.  STOPPED. */
aet_err refine_stretch(refine_level *l, int iterations, aet_pose *poses);

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
