#include "aetlas/physics/geometry.h"

#include "aetlas/base/str.h"
#include "aetlas/data/units.h"
#include <math.h>
#include <string.h>

void aet_rotation(const double angles_deg[3], double R[3][3])
{
    double cf = cos(angles_deg[0] * AET_RAD_PER_DEG), sf = sin(angles_deg[0] * AET_RAD_PER_DEG);
    double ct = cos(angles_deg[1] * AET_RAD_PER_DEG), st = sin(angles_deg[1] * AET_RAD_PER_DEG);
    double cp = cos(angles_deg[2] * AET_RAD_PER_DEG), sp = sin(angles_deg[2] * AET_RAD_PER_DEG);
    /* columns of Rz Ry Rx are the rows of its transpose */
    double rows[3][3] = {
        {cf * ct, sf * ct, -st},
        {cf * st * sp - sf * cp, sf * st * sp + cf * cp, ct * sp},
        {cf * st * cp + sf * sp, sf * st * cp - cf * sp, ct * cp},
    };
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            R[i][j] = rows[i][j];
}

void aet_rotate(const double R[3][3], const double x[3], double y[3])
{
    for (int i = 0; i < 3; i++)
        y[i] = R[i][0] * x[0] + R[i][1] * x[1] + R[i][2] * x[2];
}

/* About a unit vector, by the formula of Rodrigues; out = in * that. */
static void turn(const double axis[3], double angle_deg, double in[3][3])
{
    double c = cos(angle_deg * AET_RAD_PER_DEG), s = sin(angle_deg * AET_RAD_PER_DEG);
    const double cross[3][3] = {
        {0, -axis[2], axis[1]}, {axis[2], 0, -axis[0]}, {-axis[1], axis[0], 0}};
    double out[3][3] = {{0}};

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                out[i][j] +=
                    in[i][k] * ((k == j ? c : 0) + (1 - c) * axis[k] * axis[j] + s * cross[k][j]);
    memcpy(in, out, sizeof out);
}

void aet_rotation_about(const double axes[3][3], const double angles_deg[3], double R[3][3])
{
    double product[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

    for (int k = 0; k < 3; k++)
        turn(axes[k], angles_deg[k], product);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            R[i][j] = product[j][i];
}

static double wrapped(double deg)
{
    return deg - 360 * ceil(deg / 360 - 0.5);
}

void aet_rotation_angles(const double R[3][3], double angles_deg[3])
{
    const double deg = 1 / AET_RAD_PER_DEG, pole = 1e-10;
    double c = hypot(R[0][0], R[0][1]);
    double phi, theta = atan2(-R[0][2], c) * deg, psi = 0;

    if (c < pole) {
        phi = atan2(-R[1][0], R[1][1]) * deg;
    } else {
        phi = atan2(R[0][1], R[0][0]) * deg;
        psi = atan2(R[1][2], R[2][2]) * deg;
        double phi2 = wrapped(phi + 180), psi2 = wrapped(psi + 180);
        if (fabs(phi2) + fabs(psi2) < fabs(phi) + fabs(psi)) {
            phi = phi2;
            psi = psi2;
            theta = wrapped(180 - theta);
        }
    }
    angles_deg[0] = phi;
    angles_deg[1] = theta;
    angles_deg[2] = psi;
}

static aet_err parse_vector(const char *text, size_t length, double axis[3])
{
    char word[64], *rest = NULL, *number;
    double norm2 = 0;
    int n = 0;

    AET_CHECK(aet_fmt(word, sizeof word, "%.*s", (int)length, text), AET_ERR_USAGE,
              "axes: '%s' is too long", text);
    for (number = strtok_r(word, ",", &rest); number && n < 3;
         number = strtok_r(NULL, ",", &rest)) {
        AET_CHECK(aet_str_real(number, &axis[n]), AET_ERR_USAGE, "axes: '%s' is no number", number);
        norm2 += axis[n] * axis[n];
        n++;
    }
    AET_CHECK(n == 3 && !number && norm2 > 0, AET_ERR_USAGE,
              "axes: '%.*s' is no direction; expected three numbers, as 0,0,1", (int)length, text);
    for (int i = 0; i < 3; i++)
        axis[i] /= sqrt(norm2);
    return AET_OK;
}

aet_err aet_axes_parse(const char *text, double axes[3][3])
{
    static const double unit[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    const char *at = text;

    if (strlen(text) == 3 && strspn(text, "xyz") == 3) {
        for (int k = 0; k < 3; k++)
            memcpy(axes[k], unit[text[k] - 'x'], sizeof axes[k]);
        return AET_OK;
    }
    for (int k = 0; k < 3; k++) {
        size_t length = strcspn(at, "/");
        AET_TRY(parse_vector(at, length, axes[k]));
        at += length;
        AET_CHECK((*at == '/') == (k < 2), AET_ERR_USAGE,
                  "axes: '%s'; expected three letters, as zyz, or three vectors, as "
                  "0,0,1/0,1,0/0,0,1",
                  text);
        at += k < 2;
    }
    return AET_OK;
}
