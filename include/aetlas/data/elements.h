/* Chemical elements by atomic number.  Everything is Local. */
#ifndef AET_DATA_ELEMENTS_H
#define AET_DATA_ELEMENTS_H

#include "aetlas/base/error.h"
#include <stdint.h>

#define AET_ELEMENT_MAX 98

/* "Pt" for 78; "X" for 0 and for numbers out of range. */
const char *aet_element_symbol(int z);
/* 78 for "Pt" (any case) or "78"; 0 when unknown. */
int aet_element_number(const char *symbol);
/* Parses "Ni,Pt" into atomic numbers; USAGE, naming
 * the word, when one is unknown or there are over 8. */
aet_err aet_element_list(const char *text, int z[8], int *n);

/* How an element is drawn: 0xRRGGBB, the colours that most viewers share (those of Jmol), and its
 * covalent radius in Angstrom.  A number out of range gets pink and 1.3 A. */
uint32_t aet_element_color(int z);
double aet_element_radius_A(int z);

#endif
