/* Three numbers at a time. */
#ifndef AET_ANALYSE_VECTOR_H
#define AET_ANALYSE_VECTOR_H

#include <math.h>

static inline double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static inline void cross(const double a[3], const double b[3], double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

/* d = a - b */
static inline void difference(const double a[3], const double b[3], double d[3])
{
    for (int k = 0; k < 3; k++)
        d[k] = a[k] - b[k];
}

/* Gives the length there was; a vector of no length stays. */
static inline double normalise(double a[3])
{
    double length = sqrt(dot(a, a));
    for (int k = 0; k < 3 && length > 0.0; k++)
        a[k] /= length;
    return length;
}

#endif
