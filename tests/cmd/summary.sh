# The summary of what is there: from measures files, and from a campaign.
. "$(dirname "$0")/../lib.sh"
for n in 4 5; do
    mkdir p$n
    aet 1 simulate particle --shape octahedron --size $n --species Ni,Pt --fraction 0.5 -o a.h5 >log 2>&1
    aet 1 analyse a.h5 -o p$n/measures.h5 >log 2>&1
done
expect_status 0 aet 2 summary p4/measures.h5 p5/measures.h5 -o overview
expect_file overview/summary.csv overview/groups.csv overview/report.html
expect_text overview/summary.csv '^p4,,0,.*,44,'
expect_text overview/summary.csv '^p5,,0,.*,85,'
expect_text overview/report.html '64.5 &plusmn; 29' # mean and SD of 44 and 85 atoms
expect_status 2 aet 1 summary p4/measures.h5
expect_text err '-o FOLDER is missing'
expect_status 3 aet 1 summary none.h5 -o x
expect_status 3 aet 1 summary overview/summary.csv -o x
expect_no_file x/summary.csv
