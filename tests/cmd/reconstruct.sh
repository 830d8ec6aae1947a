# san: yes
# A simulated particle reconstructed by both methods, on 1 to 4 ranks; support; what is refused.
. "$(dirname "$0")/../lib.sh"
expect_status 0 aet 1 simulate particle --shape sphere --size 9 -o atoms.h5
expect_status 0 aet 1 simulate tilt atoms.h5 --tilts -70:10:70 --pixel 0.6 --size 32 -o tilt.h5
expect_status 0 aet 1 reconstruct tilt.h5 -o volume.h5 --curve curve.csv --set reconstruct.iterations=30
expect_value out r1 '<' 0.12
expect_value out iterations '==' 30
expect_text out '^tilt_014 = theta 70.000 r1 [0-9.]+ r2 [0-9.]+$'
expect_file volume.h5 curve.csv
[ "$(wc -l <curve.csv)" = 31 ] || fail "31 lines expected in curve.csv"
expect_text curve.csv '^0,1,1,'
r1=$(value out r1)
if command -v gnuplot >/dev/null; then
    expect_status 0 aet 2 export volume.h5 --curve reconstruction -o drawn.png
    expect_file drawn.png drawn.csv
fi
expect_status 0 aet 2 info volume.h5
expect_text out '^curve reconstruction = 30 rows of 6: '
expect_status 0 aet 2 export volume.h5 --curve reconstruction -o again.csv
cmp curve.csv again.csv
for n in 2 3 4; do
    expect_status 0 aet $n reconstruct tilt.h5 -o volume$n.h5 --set reconstruct.iterations=30
    expect_value out r1 '<=' "$(awk -v r="$r1" 'BEGIN { print r + 2e-6 }')" # the last digit printed, and rounding
    expect_value out r1 '>=' "$(awk -v r="$r1" 'BEGIN { print r - 2e-6 }')"
done
expect_status 0 aet 2 reconstruct tilt.h5 -o genfire.h5 --set reconstruct.method=genfire \
    --set reconstruct.iterations=20 --set reconstruct.oversampling=2 --set reconstruct.withheld=0.05
expect_value out k_error2 '<' 0.3
expect_value out r_free2 '<' 1
expect_value out measured_points '>' 1000
expect_value out r_free '<' 1
expect_text out '^shell_002 = frequency_per_A 0.15625 r_free 0.[0-9]* points [0-9]+$'
expect_status 0 aet 1 export genfire.h5 --curve r_free -o r_free.csv
expect_text r_free.csv '^frequency_per_A,r_free,points$'
# Accelerated: what 30 plain iterations reach in 20.
expect_status 0 aet 2 reconstruct tilt.h5 -o fast.h5 --set reconstruct.method=resire-fast \
    --set reconstruct.iterations=20 --set reconstruct.withheld=0.05 --curve fast.csv
expect_value out r1 '<=' "$r1"
expect_value out settled_iteration '>=' 15
expect_value out r_free2 '<' 0.2

# Halves of the tilts: their correlation in the file, the same on other ranks
expect_status 0 aet 1 reconstruct tilt.h5 -o halves.h5 --set reconstruct.halves=on --set reconstruct.iterations=20
expect_value out resolution_0.143_A '<=' "$(value out resolution_0.5_A)"
expect_value out resolution_0.143_A '>=' 1.2 # twice the pixel
mv out alone
expect_status 0 aet 2 reconstruct tilt.h5 -o halves2.h5 --set reconstruct.halves=on --set reconstruct.iterations=20
[ "$(grep '^resolution' out | cut -c 1-24)" = "$(grep '^resolution' alone | cut -c 1-24)" ] || fail "other resolutions on 2 ranks"
expect_status 0 aet 1 export halves.h5 --curve fsc -o fsc.csv
expect_text fsc.csv '^frequency_per_A,fsc,fsc_x,fsc_y,fsc_z,points$'
[ "$(wc -l <fsc.csv)" = 18 ] || fail "18 lines expected in fsc.csv"
[ -z "$(ls | grep checkpoint)" ] || fail "left behind: $(ls | grep checkpoint)"

# The volume as its own support; then sizes that do not fit.
expect_status 0 aet 2 reconstruct tilt.h5 -o inside.h5 --set reconstruct.support=volume.h5 \
    --set reconstruct.iterations=10
expect_status 3 aet 2 reconstruct tilt.h5 -o none.h5 --set reconstruct.support=volume.h5 \
    --set reconstruct.size_z=20
expect_text err 'support is 32 x 32 x 32 voxels, but the volume to reconstruct is 32 x 32 x 20'
expect_no_file none.h5 none.h5.part

expect_status 2 aet 1 reconstruct tilt.h5 -o none.h5 --set reconstruct.step=9
expect_text err 'step'
expect_status 3 aet 1 reconstruct volume.h5 -o none.h5
expect_status 2 aet 1 reconstruct tilt.h5
touch halt
expect_status 7 aet 2 reconstruct tilt.h5 -o none.h5 --stop-file halt
expect_text err 'stopped at iteration'
expect_no_file none.h5 none.h5.part
