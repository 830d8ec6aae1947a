#include "aetlas/data/lattice.h"

#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"

#include <math.h>
#include <string.h>

const int aet_fcc_neighbour[12][3] = {{1, 1, 0}, {1, -1, 0}, {-1, 1, 0}, {-1, -1, 0},
                                      {1, 0, 1}, {1, 0, -1}, {-1, 0, 1}, {-1, 0, -1},
                                      {0, 1, 1}, {0, 1, -1}, {0, -1, 1}, {0, -1, -1}};

void aet_lattice_direction(const aet_lattice *l, const int hkl[3], double v[3])
{
    double length =
        sqrt((double)hkl[0] * hkl[0] + (double)hkl[1] * hkl[1] + (double)hkl[2] * hkl[2]);
    for (int k = 0; k < 3; k++)
        v[k] =
            (l->rotation[k][0] * hkl[0] + l->rotation[k][1] * hkl[1] + l->rotation[k][2] * hkl[2]) /
            length;
}

void aet_lattice_position(const aet_lattice *l, const int site[3], double r[3])
{
    double half = 0.5 * l->constant_A;
    for (int k = 0; k < 3; k++)
        r[k] = l->origin_A[k] + half * (l->rotation[k][0] * site[0] + l->rotation[k][1] * site[1] +
                                        l->rotation[k][2] * site[2]);
}

/* Nearest point of the lattice of even sums: round, and if the sum is odd, round the worst
 * component the other way (Conway and Sloane, IEEE Trans. Inf. Theory 28, 227 (1982)). */
static void round_even(const double u[3], int site[3])
{
    int sum = 0, worst = 0;
    double error[3];
    for (int k = 0; k < 3; k++) {
        site[k] = (int)lrint(u[k]);
        error[k] = u[k] - site[k];
        sum += site[k];
        if (fabs(error[k]) > fabs(error[worst]))
            worst = k;
    }
    if (sum % 2)
        site[worst] += error[worst] > 0.0 ? 1 : -1;
}

double aet_lattice_nearest(const aet_lattice *l, const double r[3], int site[3])
{
    double u[3], at[3], d2 = 0.0;
    for (int k = 0; k < 3; k++) {
        u[k] = 0.0;
        for (int j = 0; j < 3; j++)
            u[k] += l->rotation[j][k] * (r[j] - l->origin_A[j]);
        u[k] *= 2.0 / l->constant_A;
    }
    round_even(u, site);
    aet_lattice_position(l, site, at);
    for (int k = 0; k < 3; k++)
        d2 += (r[k] - at[k]) * (r[k] - at[k]);
    return sqrt(d2);
}

double aet_lattice_change(const aet_lattice *a, const aet_lattice *b)
{
    double sum = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            sum += fabs(a->constant_A * a->rotation[i][j] - b->constant_A * b->rotation[i][j]);
    return sum;
}

/* Means of both sets, covariance c = sum (r - mean)(site - mean)^T and spread of the sites. */
static void moments(int n, const double (*r)[3], const int (*site)[3], double mean_r[3],
                    double mean_s[3], double c[3][3], double *spread)
{
    *spread = 0.0;
    for (int k = 0; k < 3; k++) {
        mean_r[k] = mean_s[k] = 0.0;
        for (int i = 0; i < n; i++) {
            mean_r[k] += r[i][k] / n;
            mean_s[k] += (double)site[i][k] / n;
        }
    }
    memset(c, 0, 9 * sizeof(double));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            double s = site[i][k] - mean_s[k];
            *spread += s * s;
            for (int j = 0; j < 3; j++)
                c[j][k] += (r[i][j] - mean_r[j]) * s;
        }
}

static double determinant(const double m[3][3])
{
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

static double root_mean_square(int n, const double (*r)[3], const int (*site)[3],
                               const aet_lattice *l)
{
    double sum = 0.0, at[3];
    for (int i = 0; i < n; i++) {
        aet_lattice_position(l, site[i], at);
        for (int k = 0; k < 3; k++)
            sum += (r[i][k] - at[k]) * (r[i][k] - at[k]);
    }
    return sqrt(sum / n);
}

aet_err aet_lattice_fit(int n, const double (*r)[3], const int (*site)[3], aet_lattice *l,
                        double *rmsd_A)
{
    double mean_r[3], mean_s[3], c[3][3], spread, u[3][3], d[3], v[3][3];
    AET_CHECK(n >= 3, AET_ERR_NUMERIC, "%d atoms cannot fix a lattice, at least 3 are needed", n);
    moments(n, r, site, mean_r, mean_s, c, &spread);
    AET_TRY(aet_svd3((const double(*)[3])c, u, d, v));
    AET_CHECK(d[1] > 1e-9 * d[0], AET_ERR_NUMERIC,
              "the %d atoms of the lattice lie on a line and cannot fix its orientation", n);
    /* The last singular vector is turned where needed: a rotation, never a mirror image. */
    double hand =
        determinant((const double(*)[3])u) * determinant((const double(*)[3])v) < 0.0 ? -1.0 : 1.0;
    double scale = (d[0] + d[1] + hand * d[2]) / spread;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            l->rotation[i][j] = u[i][0] * v[j][0] + u[i][1] * v[j][1] + hand * u[i][2] * v[j][2];
    for (int i = 0; i < 3; i++) {
        l->origin_A[i] = mean_r[i];
        for (int j = 0; j < 3; j++)
            l->origin_A[i] -= scale * l->rotation[i][j] * mean_s[j];
    }
    l->constant_A = 2.0 * scale;
    if (rmsd_A)
        *rmsd_A = root_mean_square(n, r, site, l);
    return AET_OK;
}

/* Sum of (site - mean)(site - mean)^T. */
static void site_covariance(int n, const int (*site)[3], const double mean[3], double s[3][3])
{
    memset(s, 0, 9 * sizeof(double));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                s[j][k] += (site[i][j] - mean[j]) * (site[i][k] - mean[k]);
}

aet_err aet_lattice_fit_cell(int n, const double (*r)[3], const int (*site)[3],
                             const aet_lattice *l, double cell[3][3], double origin_A[3],
                             double stretch[3], double *rmsd_A)
{
    double mean_r[3], mean_s[3], c[3][3], s[3][3], half[3][3], spread, sum = 0.0;
    AET_CHECK(n >= 4, AET_ERR_NUMERIC, "%d atoms cannot fix a cell, at least 4 are needed", n);
    moments(n, r, site, mean_r, mean_s, c, &spread);
    site_covariance(n, site, mean_s, s);
    AET_CHECK(fabs(determinant((const double(*)[3])s)) > 1e-9 * spread * spread * spread,
              AET_ERR_NUMERIC,
              "the %d atoms of the lattice lie in one plane and cannot fix its cell", n);
    for (int i = 0; i < 3; i++)
        AET_TRY(aet_solve(3, 1, s[0], c[i], half[i])); /* row i of the half cell; s is symmetric */
    for (int i = 0; i < 3; i++) {
        origin_A[i] = mean_r[i];
        for (int k = 0; k < 3; k++) {
            cell[i][k] = 2.0 * half[i][k];
            origin_A[i] -= half[i][k] * mean_s[k];
        }
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            double d = r[i][k] - origin_A[k];
            for (int j = 0; j < 3; j++)
                d -= half[k][j] * site[i][j];
            sum += d * d;
        }
    if (rmsd_A)
        *rmsd_A = sqrt(sum / n);
    double u[3][3], v[3][3];
    if (stretch)
        AET_TRY(aet_svd3((const double(*)[3])cell, u, stretch, v));
    for (int k = 0; k < 3 && stretch; k++)
        stretch[k] /= l->constant_A;
    return AET_OK;
}

/* The 24 rotations of the cube: the permutations with signs of determinant one. */
static void cube_rotation(int which, int g[3][3])
{
    static const int order[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1},
                                    {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};
    const int *p = order[which / 4];
    int sx = which & 1 ? -1 : 1, sy = which & 2 ? -1 : 1, parity = which / 4 < 3 ? 1 : -1;
    memset(g, 0, 9 * sizeof(int));
    g[p[0]][0] = sx;
    g[p[1]][1] = sy;
    g[p[2]][2] = sx * sy * parity;
}

static void turn_description(aet_lattice *l, int g[3][3], int n, int (*site)[3])
{
    double turned[3][3] = {{0}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                turned[i][j] += l->rotation[i][k] * g[k][j];
    memcpy(l->rotation, turned, sizeof turned);
    for (int i = 0; i < n; i++) {
        int s[3] = {0, 0, 0};
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                s[j] += g[k][j] * site[i][k];
        memcpy(site[i], s, sizeof s);
    }
}

void aet_lattice_standard(aet_lattice *l, const double centre[3], int n, int (*site)[3])
{
    int g[3][3], best = 0;
    double best_trace = -4.0;
    for (int which = 0; which < 24; which++) {
        double trace = 0.0;
        cube_rotation(which, g);
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                trace += l->rotation[i][k] * g[k][i];
        if (trace > best_trace + 1e-12) {
            best_trace = trace;
            best = which;
        }
    }
    cube_rotation(best, g);
    turn_description(l, g, n, site);
    int shift[3];
    double origin[3];
    aet_lattice_nearest(l, centre, shift);
    aet_lattice_position(l, shift, origin);
    memcpy(l->origin_A, origin, sizeof origin);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            site[i][k] -= shift[k];
}

double aet_lattice_angle_deg(const aet_lattice *l)
{
    double c = 0.5 * (l->rotation[0][0] + l->rotation[1][1] + l->rotation[2][2] - 1.0);
    return acos(fmin(1.0, fmax(-1.0, c))) * AET_DEG_PER_RAD;
}
