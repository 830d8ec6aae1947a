/* Relativistic electrons.  Everything is Local. */
#ifndef AET_PHYSICS_ELECTRON_H
#define AET_PHYSICS_ELECTRON_H

/* Wavelength h c / sqrt(eV (2 m c^2 + eV)) in Angstrom. */
double aet_electron_wavelength_A(double energy_keV);
/* Mass ratio 1 + eV / (m c^2). */
double aet_electron_gamma(double energy_keV);
/* Interaction constant 2 pi gamma m e lambda / h^2 in rad / (V Angstrom)
 * (Kirkland, Advanced Computing in Electron Microscopy, 2nd ed. 2010, eq. 5.6). */
double aet_electron_interaction(double energy_keV);

#endif
