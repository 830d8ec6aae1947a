/* Inside simulate: motion of specimen and probe during a frame. */
#ifndef AET_SERIES_PRIV_H
#define AET_SERIES_PRIV_H

#include "aetlas/simulate/series.h"

/* Of the specimen, in pixels of an undistorted image: where it is in the middle of a frame, and how
 * far it moves during it. */
typedef struct {
    double shift_px[2], drift_px[2];
} aet_motion;

/* All Local; they depend on seed, tilt and frame alone. */
aet_motion aet_motion_of(const aet_series_params *p, int seed, int tilt, int frame);
/* What the series' truth says of it (aetlas/data/raw.h).  USAGE. */
aet_err aet_motion_truth(const aet_series_params *p, const aet_motion *m, int ny,
                         double offset_px[2], double matrix[4]);
/* Where the scan lines look, [ny], as aet_paint_lines wants it: in steps of 1 + scan_x pixels. */
void aet_motion_lines(const aet_series_params *p, const aet_motion *m, int seed, int tilt,
                      int frame, int nx, int ny, double *line_x, double *line_y);

#endif
