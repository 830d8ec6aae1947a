/* Raw series of an atom model as a microscope writes them: several frames at each tilt, drifting,
 * distorted by the scan, counted electron by electron.
 *
 * What happens to a frame, in this order:
 *   orientation  the true angles are the nominal ones + uniform errors; only the nominal are written
 *   place        stage shift of the tilt + steady drift + a random walk from frame to frame, pixels
 *   scan         the probe is at (scan matrix) (pixel - pivot); while it scans, the drift goes on, so
 *                a frame is sheared and stretched by it; each line starts with a jitter along x
 *   atoms        are sampled where the probe really is, line by line: no image is interpolated
 *   film         scatters a constant part of the beam, with a gradient
 *   detector     value = gain * Poisson(electrons) + dark level, with a gradient + normal noise
 * The scan matrix is upper triangular: a rotation of the scan is a rotation of the specimen.
 *
 * Units: pixels, and the values of the detector.  Orientation and width of atoms, dose, detector
 * angles and seed are those of aet_simulate_params.
 */
#ifndef AET_SIMULATE_SERIES_H
#define AET_SIMULATE_SERIES_H

#include "aetlas/data/raw.h"
#include "aetlas/simulate/project.h"

#define AET_SERIES_PARAMS(X)                                                                       \
    X(INT, frames, 4, 1, 1000, "", "frames at each tilt; the dose is spread over all of them")     \
    X(BOOL, poisson, true, 0, 1, "", "count electrons; off: expected values without shot noise")   \
    X(REAL, tilt_error_deg, 0.3, 0, 30, "deg", "largest error of the recorded tilt (uniform)")     \
    X(REAL, axis_error_deg, 0, 0, 30, "deg",                                                       \
      "the same of phi and psi, which are recorded as 0 or as given")                              \
    X(REAL, stage_px, 3, 0, 1000, "pixels", "stage shift at each tilt, rms along each axis")       \
    X(REAL, drift_px, 1, 0, 100, "pixels",                                                         \
      "steady drift during one frame, rms along each axis over the tilts")                         \
    X(REAL, walk_px, 0.2, 0, 100, "pixels", "random step between frames, rms along each axis")     \
    X(REAL, jitter_px, 0.05, 0, 10, "pixels", "random start of each scan line along x, rms")       \
    X(REAL, scan_x, 0, -0.2, 0.2, "", "relative error of the pixel along x")                       \
    X(REAL, scan_y, 0, -0.2, 0.2, "", "relative error of the pixel along y")                       \
    X(REAL, scan_shear, 0, -0.2, 0.2, "", "pixels along x by which each line starts late")         \
    X(REAL, film, 0.005, 0, 1, "", "part of the beam that the supporting film scatters")           \
    X(REAL, film_gradient, 0.1, 0, 1, "",                                                          \
      "its relative change from the pivot to the edge, in a random direction at each tilt")        \
    X(REAL, gain, 1, 1e-6, 1e9, "", "values per electron")                                         \
    X(REAL, dark, 0, -1e9, 1e9, "", "dark level of the detector, in values")                       \
    X(REAL, dark_gradient, 0, -1e9, 1e9, "", "its change from the pivot to the right edge")        \
    X(REAL, readout, 0, 0, 1e9, "", "normal noise of the detector, rms, in values")
AET_PARAMS_STRUCT(aet_series_params, AET_SERIES_PARAMS);
extern const aet_param_table aet_series_table; /* section "series" */

/* Collective.  angles_deg: nominal.  The frames lie on the rank of their tilt; they and the truth
 * are the same bits for any number of ranks.  Value and truth: aetlas/data/raw.h; the expected
 * electrons of a pixel are dose / (n frames) pixel^2 (k v_z + film), k as in aet_simulate_tilt.
 * USAGE: no dose, a drift that outruns the scan; else as aet_simulate_tilt. */
aet_err aet_simulate_series(MPI_Comm comm, const aet_atoms *atoms, const double (*angles_deg)[3],
                            int n, const aet_simulate_params *params,
                            const aet_series_params *series, aet_raw **out);

/* Local.  Nominal angles + uniform errors up to tilt_error_deg (theta) and axis_error_deg (phi,
 * psi). */
void aet_simulate_angle_errors(const double (*angles_deg)[3], int n, double tilt_error_deg,
                               double axis_error_deg, int seed, double (*with_errors_deg)[3]);

#endif
