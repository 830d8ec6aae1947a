# The published PtNi particle p5 (4281 atoms), and what a test makes of it: nickel gone from the surface, some
# atoms exchanged, all of it 1 % larger, turned, moved, with noise of 20 pm per axis. Every planted change is found
# and nothing else. Data: Yang et al., Nat. Catal. 7, 796 (2024).
# limit: 120
. "$(dirname "$0")/../lib.sh"
model=$(data ptni/model/model_p5.mat)
types=$(data ptni/types/atoms_p5.mat)

aet 1 import --atoms "$model" --types "$types" --species Ni,Pt -o before.h5 >/dev/null
aet 1 analyse before.h5 -o measures.h5 >/dev/null
aet 1 export measures.h5 -o measures.csv
# Uniform numbers by a linear congruence, normal ones by Box and Muller; rotations about z by 77 and x by 130 degrees.
awk -F, '
    function u() { seed = (seed * 1103515245 + 12345) % 2147483648; return (seed + 0.5) / 2147483648 }
    function noise() { return 0.2 * sqrt(-2 * log(u())) * cos(6.283185307 * u()) }
    NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; seed = 7; pi = 3.14159265358979; next }
    {
        if ($col["element"] == "Ni" && $col["surface"] == 1) { lost++; next }
        e = $col["element"]
        if (NR % 97 == 0) { e = e == "Ni" ? "Pt" : "Ni"; exchanged++ }
        x = 1.01 * $col["x_A"]; y = 1.01 * $col["y_A"]; z = 1.01 * $col["z_A"]
        a = 77 * pi / 180; b = 130 * pi / 180
        x1 = cos(a) * x - sin(a) * y; y1 = sin(a) * x + cos(a) * y
        y2 = cos(b) * y1 - sin(b) * z; z2 = sin(b) * y1 + cos(b) * z
        line[n++] = sprintf("%s %.6f %.6f %.6f", e, x1 + 9 + noise(), y2 - 4 + noise(), z2 + 3 + noise())
    }
    END {
        print n "\n" >"after.xyz"
        for (i = 0; i < n; i++) print line[i] >"after.xyz"
        print "lost = " lost "\nexchanged = " exchanged "\nleft = " n >"planted"
    }' measures.csv
expect_value planted lost '>' 50
expect_status 0 aet 1 import --atoms after.xyz -o after.h5
expect_status 0 aet 1 track before.h5 after.h5 -o followed
left=$(value planted left) exchanged=$(value planted exchanged) lost=$(value planted lost)
expect_text out "step_1 = common $left consistent $((left - exchanged)) exchanged $exchanged lost $lost new 0"
expect_value out core == "$left"
echo "lost $lost, exchanged $exchanged of $left: $(grep step_1 out)"
