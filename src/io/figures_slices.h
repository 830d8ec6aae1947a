/* Inside the figures: a model as a sheet of its slabs. */
#ifndef AET_IO_FIGURES_SLICES_H
#define AET_IO_FIGURES_SLICES_H

#include "aetlas/base/error.h"
#include "aetlas/data/atoms.h"

/* Local.  A copy of the model whose slabs of two close-packed layers (curve layer_axes) lie side by side in the
 * plane of x and y, the lowest at the upper left, to be seen from +z with +y up; the caller frees it.  NULL for a
 * model without layers.  NOMEM. */
aet_err figure_slices(const aet_atoms *a, aet_atoms **sheet);

#endif
