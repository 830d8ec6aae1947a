"""to_mat.py TILT.h5 SERIES.mat   a series as resire.m reads it."""
import sys

import h5py
import scipy.io

with h5py.File(sys.argv[1]) as f:
    scipy.io.savemat(sys.argv[2], {"projections": f["/tilt/images"][:].transpose(2, 1, 0),
                                   "angles": f["/tilt/angles_deg"][:]})
