# A small particle for tests of `aetlas precision`.  Use after lib.sh:   . "$(dirname "$0")/../precision.sh"
#
#   precision_make [TILTS]   a.h5, a PtNi particle of 201 atoms, and m.h5, its "measured" series, with Poisson noise
#   $prism                   a microscope that needs few points, so few that FFTs are the same bits in every run; 0.2 s for each
#                            tilt and configuration
precision_make() {
    "$AETLAS" simulate particle --shape truncated --size 7 --cut 2 --species Ni,Pt --fraction 0.4 --seed 2 -o a.h5 -q >/dev/null
    "$AETLAS" simulate tilt a.h5 --tilts "${1:--70:7:70}" --pixel 0.5 --sigma Ni:0.55,Pt:0.6 --dose 3e6 -o m.h5 -q >/dev/null
}
prism="--set stem.energy_keV=80 --set stem.semiangle_mrad=45 --set stem.adf_inner_mrad=60 --set stem.adf_outer_mrad=96
    --set stem.sampling_A=0.14 --set stem.interpolation=4 --set stem.parents=2 --set stem.slice_A=4 --set stem.margin_A=2
    --set reconstruct.iterations=40 --set trace.threshold=0.3 --set trace.weakest=0.05"
