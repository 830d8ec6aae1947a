/* Where a crystal expects its atoms.
 *
 * Each atom on a site of a grain (aetlas/analyse/grains.h) is expected where its neighbours on the
 * 12 neighbour sites of that grain place it, their median along each axis: that follows strain, and a
 * few misplaced neighbours do not matter.  Beyond the papers.
 */
#ifndef AET_ANALYSE_EXPECTED_H
#define AET_ANALYSE_EXPECTED_H

#include "aetlas/data/expected.h"

/* Local.  A model without a lattice is no error: nothing is expected then.  NOMEM. */
aet_err aet_expected_find(const aet_atoms *a, aet_expected **e);

#endif
