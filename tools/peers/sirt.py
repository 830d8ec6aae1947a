"""Runs ASTRA's SIRT on the slices of a single-axis tilt.h5, one thread: seconds per iteration of all slices.

    sirt.py TILT.h5 ITERATIONS
"""
import sys
import time

import astra
import h5py
import numpy as np

with h5py.File(sys.argv[1]) as f:
    images = f["/tilt/images"][:]
    theta = np.deg2rad(f["/tilt/angles_deg"][:, 1])
n, ny, nx = images.shape
iterations = int(sys.argv[2])
volume = astra.create_vol_geom(nx, nx)
projector = astra.create_projector("linear", astra.create_proj_geom("parallel", 1.0, nx, theta), volume)
data = astra.data2d.create("-sino", astra.create_proj_geom("parallel", 1.0, nx, theta), images[:, 0, :])
result = astra.data2d.create("-vol", volume)
what = astra.astra_dict("SIRT")
what.update(ProjectorId=projector, ProjectionDataId=data, ReconstructionDataId=result, option={"MinConstraint": 0})
sirt = astra.algorithm.create(what)
some = range(ny // 4, 3 * ny // 4, max(1, ny // 16))  # all slices cost the same
seconds = 0.0
for y in some:
    astra.data2d.store(data, np.ascontiguousarray(images[:, y, :]))
    astra.data2d.store(result, 0)
    start = time.perf_counter()
    astra.algorithm.run(sirt, iterations)
    seconds += time.perf_counter() - start
print("iteration_s = %.4f" % (seconds / len(some) / iterations * ny))
