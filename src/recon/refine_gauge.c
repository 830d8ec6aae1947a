/* What no image can tell: how the object as a whole is turned and where it is.  Turning it by G^T
 * makes R_i into R_i G; moving it by -t makes s_i into s_i + (R_i t)_xy. */
#include "aetlas/base/mem.h"
#include "aetlas/num/gemm.h"
#include "aetlas/physics/geometry.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

/* The rotation nearest to sum w R_i^T R_i0, which takes all R_i nearest to R_i0 (Kabsch, Acta
 * Cryst. A32, 922 (1976)). */
static aet_err common_rotation(int n, const aet_pose *before, const double *weight,
                               const aet_pose *now, double G[3][3])
{
    double M[3][3] = {{0}}, A[3][3], B[3][3], u[3][3], s[3], v[3][3];

    for (int i = 0; i < n; i++) {
        aet_rotation(now[i].angles_deg, A);
        aet_rotation(before[i].angles_deg, B);
        for (int e = 0; e < 27; e++)
            M[e / 9][e / 3 % 3] += weight[i] * A[e % 3][e / 9] * B[e % 3][e / 3 % 3];
    }
    AET_TRY(aet_svd3((const double(*)[3])M, u, s, v));
    for (int e = 0; e < 9; e++)
        G[e / 3][e % 3] =
            u[e / 3][0] * v[e % 3][0] + u[e / 3][1] * v[e % 3][1] + u[e / 3][2] * v[e % 3][2];
    return AET_OK;
}

static void rotate_all(int n, const double G[3][3], const aet_pose *before, aet_pose *now)
{
    double R[3][3], T[3][3];

    for (int i = 0; i < n; i++) {
        aet_rotation(now[i].angles_deg, R);
        for (int e = 0; e < 9; e++)
            T[e / 3][e % 3] =
                R[e / 3][0] * G[0][e % 3] + R[e / 3][1] * G[1][e % 3] + R[e / 3][2] * G[2][e % 3];
        refine_euler((const double(*)[3])T, before[i].angles_deg, now[i].angles_deg);
    }
}

/* With some angles held there is no free rotation, but near plain tilts more phi, or theta, of all
 * tilts is one. */
static void shift_angle(int n, int angle, const aet_pose *before, const double *weight,
                        aet_pose *now)
{
    double sum = 0, all = 0;

    for (int i = 0; i < n; i++) {
        sum += weight[i] * (now[i].angles_deg[angle] - before[i].angles_deg[angle]);
        all += weight[i];
    }
    for (int i = 0; i < n; i++)
        now[i].angles_deg[angle] -= sum / all;
}

/* min over t of sum w |s_i + (R_i t)_xy - s_i0|^2 */
static aet_err shift_all(int n, const aet_pose *before, const double *weight, aet_pose *now)
{
    double N[3][3] = {{0}}, c[3] = {0}, t[3], R[3][3];

    for (int i = 0; i < n; i++) {
        aet_rotation(now[i].angles_deg, R);
        for (int a = 0; a < 2; a++)
            for (int j = 0; j < 3; j++) {
                c[j] -= weight[i] * R[a][j] * (now[i].shift_px[a] - before[i].shift_px[a]);
                for (int k = 0; k < 3; k++)
                    N[j][k] += weight[i] * R[a][j] * R[a][k];
            }
    }
    /* the least t where the tilts leave it free */
    AET_TRY(aet_lstsq(3, 3, 1, &N[0][0], c, 1e-12, t, NULL));
    for (int i = 0; i < n; i++) {
        aet_rotation(now[i].angles_deg, R);
        for (int a = 0; a < 2; a++)
            now[i].shift_px[a] += R[a][0] * t[0] + R[a][1] * t[1] + R[a][2] * t[2];
    }
    return AET_OK;
}

aet_err refine_gauge(const aet_refine_params *p, int n, const aet_pose *before,
                     const double *weight, aet_pose *now)
{
    double G[3][3];

    if (p->phi && p->theta && p->psi) {
        AET_TRY(common_rotation(n, before, weight, now, G));
        rotate_all(n, (const double(*)[3])G, before, now);
    } else {
        if (p->phi)
            shift_angle(n, 0, before, weight, now);
        if (p->theta)
            shift_angle(n, 1, before, weight, now);
    }
    return p->shift ? shift_all(n, before, weight, now) : AET_OK;
}

aet_err refine_gauge_reference(const aet_refine_params *p, int n, const aet_pose *before,
                               int reference, aet_pose *now)
{
    double *weight = AET_NEW(double, n);

    for (int i = 0; i < n; i++)
        weight[i] = i == reference ? 1 : 1e-8; /* the others decide what it leaves open */
    aet_err err = refine_gauge(p, n, before, weight, now);
    now[reference] = before[reference]; /* within 1e-6 of it already, but for held angles */
    aet_release(&weight);
    return err;
}
