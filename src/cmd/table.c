/* The list of commands, and of the parameter tables of all stages. */
#include "aetlas/analyse/analyse.h"
#include "aetlas/recon/reconstruct.h"
#include "aetlas/simulate/particle.h"
#include "aetlas/simulate/project.h"
#include "aetlas/trace/trace.h"
#include "cmd/command.h"

#define COMMANDS(X)                                                                                \
    X(analyse)                                                                                     \
    X(compare)                                                                                     \
    X(config)                                                                                      \
    X(export)                                                                                      \
    X(help)                                                                                        \
    X(import)                                                                                      \
    X(info)                                                                                        \
    X(reconstruct)                                                                                 \
    X(selftest)                                                                                    \
    X(simulate)                                                                                    \
    X(trace)

#define DECLARE(name) extern const aet_command aet_cmd_##name;
COMMANDS(DECLARE)
#undef DECLARE

#define ROW(name) &aet_cmd_##name,
const aet_command *const aet_commands[] = {COMMANDS(ROW) NULL};
#undef ROW

/* Declare a table's header above and add it here. */
static const aet_param_table *const tables[] = {&aet_analyse_table, &aet_recon_table,
                                                &aet_particle_table, &aet_simulate_table,
                                                &aet_trace_table, NULL};

const aet_param_table *const *aet_all_tables(int *n)
{
    *n = (int)(sizeof tables / sizeof *tables) - 1;
    return tables;
}
