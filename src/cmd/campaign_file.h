/* The campaign file as a command's input: shared by run, plan and summary. */
#ifndef AET_CMD_CAMPAIGN_FILE_H
#define AET_CMD_CAMPAIGN_FILE_H

#include "aetlas/campaign/campaign.h"
#include "cmd/command.h"

/* The sections of a campaign file, ended by NULL. */
extern const aet_param_table *const aet_campaign_tables[];

/* Collective.  Reads the INI file that is the first input, beneath -c and --set, into the
 * configuration. */
aet_err aet_read_first_input(aet_args *args);
/* Collective.  The same, and opens the campaign. */
aet_err aet_campaign_from_file(aet_args *args, aet_campaign **c);

#endif
