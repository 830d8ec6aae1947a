#include "analyse/strain_field.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/gemm.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

const int strain_voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

aet_err strain_field_make(const aet_lattice *l, int n, const double (*r)[3], const int (*site)[3],
                          double sigma_A, bool linear, strain_field *f)
{
    *f = (strain_field){.lattice = *l, .sigma = sigma_A, .linear = linear, .n = n};
    AET_TRY(AET_ARRAY(n, "displacements", &f->at));
    AET_TRY(AET_ARRAY(n, "displacements", &f->u));
    AET_TRY(AET_ARRAY(n, "displacements", &f->index));
    AET_TRY(AET_ARRAY(n, "displacements", &f->weight));
    for (int i = 0; i < n; i++) {
        aet_lattice_position(l, site[i], f->at[i]);
        difference(r[i], f->at[i], f->u[i]);
    }
    return aet_cells_create(n, (const double(*)[3])f->at, sigma_A, &f->cells);
}

void strain_field_free(strain_field *f)
{
    aet_cells_free(&f->cells);
    aet_release(&f->atom);
    aet_release(&f->at);
    aet_release(&f->u);
    aet_release(&f->index);
    aet_release(&f->weight);
}

/* sum w (1, v) (1, d)^T over the n neighbours, d from p. */
static void sum_moments(const strain_field *f, const double p[3], int n, double moment[4][4])
{
    memset(moment, 0, 16 * sizeof(double));
    for (int k = 0; k < n; k++) {
        const double *v = f->u[f->index[k]], *r = f->at[f->index[k]], w = f->weight[k];
        const double left[4] = {w, w * v[0], w * v[1], w * v[2]};
        const double right[4] = {1.0, r[0] - p[0], r[1] - p[1], r[2] - p[2]};
        for (int a = 0; a < 4; a++)
            for (int b = 0; b < 4; b++)
                moment[a][b] += left[a] * right[b];
    }
}

static bool of_kernel(const strain_field *f, const double p[3], int n, double u[3], double g[3][3])
{
    double m[4][4];
    sum_moments(f, p, n, m);
    const double weight = m[0][0];
    for (int a = 0; a < 3; a++) {
        u[a] = m[a + 1][0] / weight;
        for (int b = 0; b < 3; b++)
            g[a][b] = (m[a + 1][b + 1] - u[a] * m[0][b + 1]) / (weight * f->sigma * f->sigma);
    }
    return weight > 0.0;
}

/* Weighted least squares of u = c + g d; false where the neighbours lie in a plane. */
static bool of_lines(const strain_field *f, const double p[3], int n, double u[3], double g[3][3])
{
    double normal[16] = {0}, right[12] = {0}, x[12];
    for (int k = 0; k < n; k++) {
        double d[4] = {1.0};
        const double *v = f->u[f->index[k]];
        difference(f->at[f->index[k]], p, d + 1);
        double w = f->weight[k];
        for (int a = 0; a < 4; a++) {
            for (int b = 0; b < 4; b++)
                normal[4 * a + b] += w * d[a] * d[b];
            for (int b = 0; b < 3; b++)
                right[3 * a + b] += w * d[a] * v[b];
        }
    }
    if (aet_solve(4, 3, normal, right, x) != AET_OK) {
        aet_error_clear();
        return false;
    }
    for (int a = 0; a < 3; a++) {
        u[a] = x[a];
        for (int b = 0; b < 3; b++)
            g[a][b] = x[3 * (b + 1) + a];
    }
    return true;
}

bool strain_field_at(const strain_field *f, const double p[3], double u[3], double g[3][3])
{
    int n = aet_cells_weigh(f->cells, p, f->sigma, 5.0 * f->sigma, f->index, f->weight);
    if (n == 0)
        return false;
    return f->linear ? of_lines(f, p, n, u, g) : of_kernel(f, p, n, u, g);
}

void strain_field_tensor(const strain_field *f, const double g[3][3], double zero_A, double e[3][3])
{
    const aet_lattice *l = &f->lattice;
    double stretch = zero_A > 0.0 ? l->constant_A / zero_A : 1.0;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double sum = 0.0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    sum += l->rotation[i][a] * 0.5 * (g[i][j] + g[j][i]) * l->rotation[j][b];
            e[a][b] = stretch * sum + (a == b ? stretch - 1.0 : 0.0);
        }
}

double strain_field_along(const strain_field *f, const double e[3][3], const double r[3])
{
    double axis[3], sum = 0.0;
    for (int k = 0; k < 3; k++) {
        axis[k] = 0.0;
        for (int j = 0; j < 3; j++)
            axis[k] += f->lattice.rotation[j][k] * r[j];
    }
    if (normalise(axis) < 1e-9)
        return (e[0][0] + e[1][1] + e[2][2]) / 3.0;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            sum += axis[a] * e[a][b] * axis[b];
    return sum;
}
