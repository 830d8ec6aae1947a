/* The unknowns of an image: which way each turns it, and how a step changes its angles. */
#include "aetlas/data/units.h"
#include "aetlas/physics/geometry.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

refine_unknowns refine_unknowns_of(const aet_refine_params *p)
{
    refine_unknowns u = {0};
    const bool wanted[] = {p->phi, p->theta, p->psi,
                           p->in_plane && !(p->phi && p->theta && p->psi)};

    for (int a = 0; a < 4; a++)
        if (wanted[a])
            u.of[u.n++] = (refine_unknown)a;
    if (p->shift) {
        u.of[u.n++] = REFINE_X;
        u.of[u.n++] = REFINE_Y;
    }
    return u;
}

/* R = Rx(-psi) Ry(-theta) Rz(-phi): more of an angle turns about -x, about -y as Rx(-psi) leaves
 * it, and about -z as all three leave it. */
void refine_axis(refine_unknown which, const double angles_deg[3], double axis[3])
{
    double R[3][3], psi = angles_deg[2] * AET_RAD_PER_DEG;

    memset(axis, 0, 3 * sizeof *axis);
    if (which == REFINE_PHI) {
        aet_rotation(angles_deg, R);
        for (int i = 0; i < 3; i++)
            axis[i] = -R[i][2];
    } else if (which == REFINE_THETA) {
        axis[1] = -cos(psi);
        axis[2] = sin(psi);
    } else if (which == REFINE_PSI) {
        axis[0] = -1;
    } else if (which == REFINE_IN_PLANE) {
        axis[2] = 1;
    }
}

/* The same direction within half a turn of near_deg. */
static double wrap(double deg, double near_deg)
{
    return deg - 360 * rint((deg - near_deg) / 360);
}

static double distance(const double a[3], const double b[3])
{
    return fabs(a[0] - b[0]) + fabs(a[1] - b[1]) + fabs(a[2] - b[2]);
}

void refine_euler(const double R[3][3], const double near_deg[3], double angles_deg[3])
{
    const double deg = AET_DEG_PER_RAD;
    double s = fmax(-1, fmin(1, -R[0][2])), other[3];

    angles_deg[1] = asin(s) * deg;
    angles_deg[0] = atan2(R[0][1], R[0][0]) * deg;
    angles_deg[2] = atan2(R[1][2], R[2][2]) * deg;
    if (1 - fabs(s) < 1e-12) { /* only psi - phi, or psi + phi, means something */
        double turn = atan2(R[1][0] * s, R[1][1]) * deg;
        angles_deg[2] = near_deg[2];
        angles_deg[0] = s > 0 ? near_deg[2] - turn : turn - near_deg[2];
    }
    other[0] = wrap(angles_deg[0] + 180, near_deg[0]);
    other[1] = wrap(180 - angles_deg[1], near_deg[1]);
    other[2] = wrap(angles_deg[2] + 180, near_deg[2]);
    for (int a = 0; a < 3; a++)
        angles_deg[a] = wrap(angles_deg[a], near_deg[a]);
    if (distance(other, near_deg) < distance(angles_deg, near_deg))
        memcpy(angles_deg, other, sizeof other);
}

double refine_angle_between(const double a_deg[3], const double b_deg[3])
{
    double A[3][3], B[3][3], square = 0;

    aet_rotation(a_deg, A);
    aet_rotation(b_deg, B);
    for (int i = 0; i < 9; i++)
        square += pow(A[i / 3][i % 3] - B[i / 3][i % 3], 2);
    /* |A - B|^2 = 8 sin^2(angle/2): exact for small angles too */
    return 2 * asin(fmin(1, sqrt(square / 8))) * AET_DEG_PER_RAD;
}

/* Rz(alpha) R */
static void turn_in_plane(double alpha, double angles_deg[3])
{
    double R[3][3], T[3][3], near_deg[3], c = cos(alpha), s = sin(alpha);

    memcpy(near_deg, angles_deg, sizeof near_deg);
    aet_rotation(angles_deg, R);
    for (int j = 0; j < 3; j++) {
        T[0][j] = c * R[0][j] - s * R[1][j];
        T[1][j] = s * R[0][j] + c * R[1][j];
        T[2][j] = R[2][j];
    }
    refine_euler((const double(*)[3])T, near_deg, angles_deg);
}

void refine_move(const refine_unknowns *u, const double *step, aet_pose *pose)
{
    for (int k = 0; k < u->n; k++)
        if (u->of[k] == REFINE_IN_PLANE)
            turn_in_plane(step[k], pose->angles_deg);
        else if (u->of[k] >= REFINE_X)
            pose->shift_px[u->of[k] - REFINE_X] += step[k];
        else
            pose->angles_deg[u->of[k]] += step[k] * AET_DEG_PER_RAD;
}

/* Rows 0 and 1 of R become the orthonormal pair nearest to those of R diag(1, 1, 1 + e). */
void refine_stretch_pose(double e, aet_pose *pose)
{
    double R[3][3], g[3] = {0}; /* of P P^T: 00, 01, 11 */

    aet_rotation(pose->angles_deg, R);
    for (int i = 0; i < 2; i++)
        R[i][2] *= 1 + e;
    for (int k = 0; k < 3; k++) {
        g[0] += R[0][k] * R[0][k];
        g[1] += R[0][k] * R[1][k];
        g[2] += R[1][k] * R[1][k];
    }
    /* (P P^T)^(-1/2), by the closed form of 2 x 2: sqrt A = (A + d) / t, d^2 = det A, t^2 = tr A + 2d */
    double d = sqrt(g[0] * g[2] - g[1] * g[1]), t = sqrt(g[0] + g[2] + 2 * d);
    for (int k = 0; k < 3; k++) {
        double a = R[0][k], b = R[1][k];
        R[0][k] = ((g[2] + d) * a - g[1] * b) / (t * d);
        R[1][k] = ((g[0] + d) * b - g[1] * a) / (t * d);
    }
    for (int k = 0; k < 3; k++) /* the third row across them */
        R[2][k] = R[0][(k + 1) % 3] * R[1][(k + 2) % 3] - R[0][(k + 2) % 3] * R[1][(k + 1) % 3];
    refine_euler((const double(*)[3])R, pose->angles_deg, pose->angles_deg);
}
