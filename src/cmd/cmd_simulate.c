#include "aetlas/base/log.h"
#include "aetlas/data/elements.h"
#include "cmd/simulate_kinds.h"

const aet_load_atoms_options aet_simulate_as_is = {0};

void aet_simulate_say_model(const aet_atoms *a)
{
    int z[8], n = aet_atoms_species(a, z);
    aet_out("atoms = %d\n", a->n);
    for (int i = 0; i < n && i < 8; i++)
        aet_out("atoms_%s = %d\n", aet_element_symbol(z[i]), aet_atoms_count(a, z[i]));
}

#define ROW(name) &aet_kind_simulate_##name,
static const aet_command *const kinds[] = {AET_SIMULATE_KINDS(ROW) NULL};
#undef ROW

const aet_command aet_cmd_simulate = {
    .name = "simulate",
    .group = "stages",
    .summary = "model particles, their tilt series and true volumes",
    .text = "Results depend on parameters and seed alone, not on the number of ranks.",
    .kinds = kinds,
};
