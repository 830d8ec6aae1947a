/* ranks: 1 */
/* Euler angles: rotations of other conventions become ours, the same rotation. */
#include "test.h"

#include "aetlas/base/rng.h"
#include "aetlas/physics/geometry.h"

/* Degrees and matrix elements of size 1 in double, through a few dozen operations; the angles near the poles
 * are known to the root of that only, the matrix is not. */
#define TOL 1e-12

static double worst(const double a[3][3], const double b[3][3])
{
    double w = 0;

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            w = fmax(w, fabs(a[i][j] - b[i][j]));
    return w;
}

static void check_back(const double R[3][3])
{
    double angles[3], again[3][3];

    aet_rotation_angles(R, angles);
    aet_rotation(angles, again);
    T_NEAR(worst(R, (const double(*)[3])again), 0, 1e-9);
    T_CHECK(fabs(angles[0]) <= 180 && fabs(angles[1]) <= 180 && fabs(angles[2]) <= 180);
}

/* Random angles about random axes, and angles at which the axes fall together. */
static void check_conventions(void)
{
    static const char *const conventions[] = {
        "zyx", "zyz", "xyz", "zxz", "yxy", "0,0,1/0,1,0/0,0,1", "1,1,0/0,-2,0/0.1,0,3"};
    static const double special[][3] = {{0, 0, 0},      {30, 0, -30}, {20, 90, 40},
                                        {-50, -90, 10}, {10, 180, 5}, {180, 60, 180},
                                        {0, 89.9999, 0}};

    for (size_t c = 0; c < sizeof conventions / sizeof *conventions; c++) {
        double axes[3][3], R[3][3], angles[3];
        T_OK(aet_axes_parse(conventions[c], axes));
        for (int i = 0; i < 200; i++) {
            const aet_rng key = {7, (uint32_t)c, AET_RNG_TEST};
            for (int k = 0; k < 3; k++)
                angles[k] = 720 * aet_rng_uniform(key, (uint64_t)(3 * i + k)) - 360;
            aet_rotation_about((const double(*)[3])axes, angles, R);
            check_back((const double(*)[3])R);
        }
        for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
            aet_rotation_about((const double(*)[3])axes, special[i], R);
            check_back((const double(*)[3])R);
        }
    }
}

/* zyx is ours; a zyz tilt about y is a plain tilt; both by formula. */
static void check_known(void)
{
    const double tilt[3] = {0, 135, 0}, euler[3] = {20, -35, 70}, turned[3] = {25, 0, 0};
    double zyx[3][3], zyz[3][3], R[3][3], ours[3][3], angles[3];

    T_OK(aet_axes_parse("zyx", zyx));
    T_OK(aet_axes_parse("0,0,3/0,1,0/0,0,0.5", zyz));
    aet_rotation_about((const double(*)[3])zyx, euler, R);
    aet_rotation(euler, ours);
    T_NEAR(worst((const double(*)[3])R, (const double(*)[3])ours), 0, TOL);
    aet_rotation_angles((const double(*)[3])R, angles);
    for (int k = 0; k < 3; k++)
        T_NEAR(angles[k], euler[k], 1e-10);
    aet_rotation_about((const double(*)[3])zyz, tilt, R);
    aet_rotation_angles((const double(*)[3])R, angles);
    for (int k = 0; k < 3; k++)
        T_NEAR(angles[k], tilt[k], 1e-10);
    /* rows of Rz(psi) Ry(theta) Rz(phi) with passive matrices, as GENFIRE-Python has them: the first
     * for theta = 0 is (cos, sin, 0) of phi + psi */
    aet_rotation_about((const double(*)[3])zyz, turned, R);
    T_NEAR(R[0][0], cos(25 * M_PI / 180), TOL);
    T_NEAR(R[0][1], sin(25 * M_PI / 180), TOL);
}

static void check_refused(void)
{
    static const char *const wrong[] = {"",
                                        "zy",
                                        "zyq",
                                        "zyzx",
                                        "0,0,1",
                                        "1,2/3,4/5,6",
                                        "0,0,0/0,1,0/1,0,0",
                                        "0,0,1/0,1,0/1,0,0/0,0,1",
                                        "0,0,1,1/0,1,0/1,0,0",
                                        "a,0,1/0,1,0/1,0,0"};
    double axes[3][3];

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        T_FAILS(aet_axes_parse(wrong[i], axes), AET_ERR_USAGE, "axes");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_conventions();
    check_known();
    check_refused();
    T_END();
}
