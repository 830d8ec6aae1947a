#include "aetlas/data/expected.h"

#include "aetlas/base/mem.h"

void aet_expected_free(aet_expected **e)
{
    if (!*e)
        return;
    aet_release(&(*e)->what);
    aet_release(&(*e)->at_A);
    aet_release(&(*e)->vacant_A);
    aet_release(e);
}
