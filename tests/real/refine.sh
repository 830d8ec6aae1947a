# ranks: 2
# limit: 120
# Simulated FePt series (Pryor et al., Sci. Rep. 7, 10409 (2017)), misaligned by whole pixels: the shifts that
# undo it are found, and R1 falls to that of the clean series.
. "$(dirname "$0")/../lib.sh"
clean=$(data fept_sim/projections_FePt.mat)
wrong=$(data fept_sim/projections_FePt_misaligned.mat)
angles=$(data fept_sim/angles.mat)
expect_status 0 aet 1 import --images "$clean" --angles "$angles" --pixel 0.3725 -o clean.h5
expect_status 0 aet 1 import --images "$wrong" --angles "$angles" --pixel 0.3725 -o wrong.h5
# The clean series is itself about 0.3 pixels off its tilt axis: it is refined too, and the two compared.
places="--set refine.phi=false --set refine.theta=false --set refine.psi=false --set refine.rounds=15"
expect_status 0 aet 2 refine clean.h5 -o clean1.h5 --table clean.csv $places
cp out clean.out
expect_status 0 aet 2 refine wrong.h5 -o wrong1.h5 --table wrong.csv $places
expect_value out tilts_lost == 0
expect_value out r1_before '>' 0.3
expect_value out r1_after '<' "$(awk -v r="$(value clean.out r1_after)" 'BEGIN { print 1.01 * r }')"

# x and y by which each image was displaced: where the correlation of the two series is 1.
cat >displaced <<'END'
3 0  0 1  2 0  -1 3  2 -1  1 -1  2 1  -1 1  0 2  0 1  -1 0  0 1  -2 0  -1 0  -1 1  -1 0  2 -1  2 1
0 1  -1 1  1 -2  -1 0  0 0  0 -1  -2 -1  0 -1  1 1  1 -1  0 -1  0 -1  1 0  -1 1  0 0  0 0  0 0  0 0  3 0
END
tr -s ' \n' '\n' <displaced | paste - - >pairs
# The reference stands in both, where it was displaced too: the object is elsewhere, t = (tx, ty, tz), which moves
# images by tx cos(theta) - tz sin(theta) and ty; fitted, and taken out.
paste <(tail -n +2 clean.csv | tr , ' ') <(tail -n +2 wrong.csv | tr , ' ') pairs | awk '{
    n++; t = $3 * atan2(1, 1) / 45; c[n] = cos(t); s[n] = -sin(t)
    x[n] = $20 + $25 - $8; y[n] = $21 + $26 - $9
    cc += c[n] ^ 2; ss += s[n] ^ 2; cs += c[n] * s[n]; cx += c[n] * x[n]; sx += s[n] * x[n]; sy += y[n] }
    END { d = cc * ss - cs * cs; a = (cx * ss - sx * cs) / d; b = (sx * cc - cx * cs) / d
    for (i = 1; i <= n; i++) { ex += (x[i] - a * c[i] - b * s[i]) ^ 2; ey += (y[i] - sy / n) ^ 2 }
    print "tilts =", n; print "rms_x =", sqrt(ex / n); print "rms_y =", sqrt(ey / n) }' >rms
cat rms
expect_value rms tilts == 37
expect_value rms rms_x '<' 0.1
expect_value rms rms_y '<' 0.05

# All angles free as well, from a measured series' misalignment: none runs away, and R1 is no worse.
r1=$(value out r1_after)
expect_status 0 aet 2 refine wrong.h5 -o all.h5 --set refine.rounds=10 --set refine.finest=2
expect_value out tilts_lost == 0
expect_value out r1_after '<' "$r1"
