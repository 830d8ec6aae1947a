/* Physical constants (CODATA 2018) and unit factors.  The only header with constants of science. */
#ifndef AET_DATA_UNITS_H
#define AET_DATA_UNITS_H

#define AET_PI          3.14159265358979323846
#define AET_RAD_PER_DEG (AET_PI / 180.0)
#define AET_DEG_PER_RAD (180.0 / AET_PI)
#define AET_PLANCK_Js   6.62607015e-34
#define AET_ELECTRON_kg 9.1093837015e-31
#define AET_CHARGE_C    1.602176634e-19
#define AET_LIGHT_m_s   299792458.0
#define AET_BOHR_A      0.529177210903
#define AET_COULOMB_eVA 14.3996454784 /* e^2 / (4 pi eps0) in eV Angstrom */
#define AET_PM_PER_A    100.0

#endif
