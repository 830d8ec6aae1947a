# ranks: 2
# A model traced in a reconstruction of a measured amorphous Ta film (area 24), fitted to its images.  The film goes on
# beyond the area: the volume is half as wide again as the images, so that the model holds the atoms beside it that are seen
# at high tilt; a polynomial under each image stands for the rest, and the rim does not count.  Nothing is edited: where
# atoms overlap everywhere and heights vary, the residual images ask for too much.
# Data: Yuan et al., Nat. Mater. 21, 95 (2022).
# limit: 300
. "$(dirname "$0")/../lib.sh"
aet 1 import --images "$(data ta_film/projections/Projections_area24.mat)" --angles "$(data ta_film/angles.mat)" --pixel 0.3216 \
    -o tilt.h5 >import.txt
aet 2 reconstruct tilt.h5 -o volume.h5 --set reconstruct.method=resire-fast --set reconstruct.withheld=0 \
    --set reconstruct.iterations=30 --set reconstruct.extend_x=1.5 >volume.txt
aet 2 trace volume.h5 -o traced.h5 --species Ta --set trace.boundary=false --set trace.nonatoms=never \
    --set trace.min_distance_A=1.8 >trace.txt
aet 2 fit traced.h5 tilt.h5 -o fitted.h5 --set fit.background=2 --set fit.weights=uniform --set fit.rim=8 --set fit.rounds=0 \
    --set fit.height_spread=0.4 >fit.txt
echo "fit: $(tr '\n' ' ' <fit.txt)" >&2
expect_value fit.txt r1_before '<' 0.28
expect_value fit.txt r1_after '<' 0.19
expect_value fit.txt Ta_b_A2 '>' 2
expect_value fit.txt Ta_b_A2 '<' 8
