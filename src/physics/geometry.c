#include "aetlas/physics/geometry.h"

#include "aetlas/data/units.h"
#include <math.h>

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
