# san: yes
# The self tests pass on any number of ranks and say by how much; unknown names are refused.
. "$(dirname "$0")/../lib.sh"
expect_status 0 aet 1 selftest
for method in resire genfire; do
    expect_value out geometry_${method}_correlation '>' 0.95
    for axis in x y z; do
        expect_value out geometry_${method}_mirrored_$axis '<' 0.6
    done
done
expect_text out '^geometry = passed$'
expect_text out '^adjoint = passed$'
expect_text out '^fft = passed$'
cp out alone
expect_status 0 aet 3 selftest geometry
expect_no_text out '^fft'
for key in geometry_resire_correlation geometry_genfire_correlation; do
    expect_value out $key '==' "$(value alone $key)" # four digits: far above the rounding of sums
done
expect_status 2 aet 1 selftest geometry colour
expect_text err "no self test 'colour'"
