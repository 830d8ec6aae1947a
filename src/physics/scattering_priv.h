/* The tables of scattering factors, inside physics only. */
#ifndef AET_PHYSICS_SCATTERING_PRIV_H
#define AET_PHYSICS_SCATTERING_PRIV_H

#include "aetlas/physics/scattering.h"

extern const aet_scattering aet_kirkland_table[];
extern const int aet_kirkland_count;
extern const aet_scattering aet_lobato_table[];
extern const int aet_lobato_count;

#endif
