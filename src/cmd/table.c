/* The list of commands, and of the parameter tables of all stages. */
#include "aetlas/analyse/track.h"
#include "aetlas/campaign/campaign.h"
#include "aetlas/campaign/dataset.h"
#include "aetlas/campaign/precision.h"
#include "aetlas/recon/refine.h"
#include "aetlas/simulate/particle.h"
#include "aetlas/simulate/project.h"
#include "aetlas/simulate/series.h"
#include "aetlas/simulate/stem.h"
#include "aetlas/trace/images.h"
#include "cmd/command.h"

#define COMMANDS(X)                                                                                \
    X(run)                                                                                         \
    X(plan)                                                                                        \
    X(summary)                                                                                     \
    X(refine)                                                                                      \
    X(reconstruct)                                                                                 \
    X(trace)                                                                                       \
    X(fit)                                                                                         \
    X(analyse)                                                                                     \
    X(track)                                                                                       \
    X(precision)                                                                                   \
    X(simulate)                                                                                    \
    X(import)                                                                                      \
    X(export)                                                                                      \
    X(info)                                                                                        \
    X(compare)                                                                                     \
    X(config)                                                                                      \
    X(selftest)                                                                                    \
    X(help)

#define DECLARE(name) extern const aet_command aet_cmd_##name;
COMMANDS(DECLARE)
#undef DECLARE

#define ROW(name) &aet_cmd_##name,
const aet_command *const aet_commands[] = {COMMANDS(ROW) NULL};
#undef ROW

#define TABLES(T)                                                                                  \
    T(campaign)                                                                                    \
    T(refine)                                                                                      \
    T(recon)                                                                                       \
    T(trace)                                                                                       \
    T(fit)                                                                                         \
    T(analyse)                                                                                     \
    T(track)                                                                                       \
    T(particle)                                                                                    \
    T(simulate)                                                                                    \
    T(series)                                                                                      \
    T(dataset)                                                                                     \
    T(precision)                                                                                   \
    T(stem)

#define ROW(name) &aet_##name##_table,
static const aet_param_table *const tables[] = {TABLES(ROW) NULL};
#undef ROW

const aet_param_table *const *aet_all_tables(int *n)
{
    *n = (int)(sizeof tables / sizeof *tables) - 1;
    return tables;
}
