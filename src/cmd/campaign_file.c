#include "cmd/campaign_file.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/simulate/project.h"
#include "aetlas/simulate/stem.h"

const aet_param_table *const aet_campaign_tables[] = {&aet_campaign_table,  &aet_refine_table,
                                                      &aet_recon_table,     &aet_trace_table,
                                                      &aet_fit_table,       &aet_analyse_table,
                                                      &aet_precision_table, &aet_stem_table,
                                                      &aet_simulate_table,  NULL};

aet_err aet_read_first_input(aet_args *args)
{
    enum { CAMPAIGN_BYTES = 1 << 20 };
    char *text = NULL;
    int n_tables;
    const aet_param_table *const *tables = aet_all_tables(&n_tables);
    AET_TRY(aet_read_text_all(args->comm, args->inputs[0], CAMPAIGN_BYTES, &text));
    aet_err err = aet_config_add_text(args->config, text, args->inputs[0]);
    aet_release(&text);
    AET_TRY(err);
    return aet_config_check(args->config, tables, n_tables);
}

aet_err aet_campaign_from_file(aet_args *args, aet_campaign **c)
{
    char dir[AET_PATH_MAX];
    AET_TRY(aet_read_first_input(args));
    AET_TRY(aet_args_record(args));
    aet_path_dir(args->inputs[0], dir, sizeof dir);
    return aet_campaign_open(args->comm, args->config, dir, c);
}
