/* The analysis as tests call it. */
#ifndef AET_TEST_ANALYSE_MODELS_H
#define AET_TEST_ANALYSE_MODELS_H

#include "aetlas/analyse/analyse.h"
#include "models.h"

static const double a_A = 3.84;

static inline aet_analyse_params defaults(void)
{
    aet_analyse_params p;
    T_OK(aet_config_load(NULL, &aet_analyse_table, &p));
    return p;
}

static inline void analyse(aet_atoms *a)
{
    aet_analyse_params p = defaults();
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
}

#endif
