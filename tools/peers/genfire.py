"""Runs GENFIRE-Python on a tilt.h5: set-up and seconds per iteration; and judges volumes by its own misfit.

    genfire.py FOLDER TILT.h5 OVERSAMPLING RADIUS FFT|DFT ITERATIONS THREADS [VOLUME.h5 ...]

Its misfit, over the points it has gridded itself: sum | |K| - |measured| | / sum |measured|.
"""
import os
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
folder, tilt, oversampling, radius, gridding, iterations, threads = sys.argv[1:8]
sys.path.insert(0, folder)
import h5py
import numpy as np
import genfire
from genfire import reconstruct as gr, utility as gu

for f in (gu.rfftn, gu.irfftn, gu.fftn_fftshift):
    f.__defaults__ = (int(threads),)

with h5py.File(tilt) as f:  # [n][y][x] -> [x][y][n]
    images = f["/tilt/images"][:].transpose(2, 1, 0).astype(float)
    angles = f["/tilt/angles_deg"][:]

# Where its functions begin and end, without a change in them: an iteration starts with a transform.
seen, grid = [], {}
plain_rfftn, plain_gridding, plain_loop = gr.rfftn, {}, gr.reconstruct


def rfftn(a, *more):
    seen.append(time.perf_counter())
    return plain_rfftn(a, *more)


def timed(name):
    inner = getattr(gr, name)

    def outer(*args):
        start = time.perf_counter()
        out = inner(*args)
        grid["seconds"] = time.perf_counter() - start
        return out

    setattr(gr, name, outer)


def loop(n, x, support, measured, *more):
    grid["measured"] = measured
    out = plain_loop(n, x, support, measured, *more)
    seen.append(time.perf_counter())
    return out


timed("fillInFourierGrid")
timed("fillInFourierGrid_DFT")
gr.rfftn, gr.reconstruct = rfftn, loop
out = gr.GenfireReconstructor(
    projections=images, eulerAngles=angles, resultsFilename="", resolutionExtensionSuppressionState=2,
    numIterations=int(iterations), oversamplingRatio=int(oversampling), interpolationCutoffDistance=float(radius),
    calculateRfree=False, griddingMethod=gridding, verbose=False).reconstruct()

steps = np.diff(seen)
print("gridding_s = %.4f" % grid["seconds"])
print("iteration_s = %.4f" % steps.min())
print("iterations_s = %.4f" % steps.sum())
print("misfit = %.6f" % out["errK"].min())  # the object given back is that of the least

m = np.abs(grid["measured"])
points = m != 0
for path in sys.argv[8:]:
    with h5py.File(path) as f:
        v = f["/volume/density"][:].transpose(2, 1, 0).astype(float)
    pad = (int(oversampling) - 1) * v.shape[0] // 2
    k = np.abs(plain_rfftn(np.fft.fftshift(np.pad(v, pad))))
    print("misfit %s = %.6f" % (path, np.abs(k[points] - m[points]).sum() / m.sum()))
