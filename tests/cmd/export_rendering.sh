# Renderings of models: the same bytes on any number of ranks; by column; what cannot be drawn.
. "$(dirname "$0")/../lib.sh"
aet 1 simulate particle --shape octahedron --size 4 -o atoms.h5 -q
expect_status 0 aet 1 export atoms.h5 --view 1,0.5,-0.3 -o one.png
expect_status 0 aet 2 export atoms.h5 --view 1,0.5,-0.3 -o two.png
cmp one.png two.png
expect_status 0 aet 1 export atoms.h5 --color layer --range 1:2 --cut 0 -o layer.png
expect_status 3 aet 1 export atoms.h5 --color leyer -o wrong.png
expect_text err 'did you mean layer'
expect_status 2 aet 1 export atoms.h5 --view 1,1 -o wrong.png
expect_status 2 aet 1 export atoms.h5 --color layer --range 3 -o wrong.png
expect_status 2 aet 1 export atoms.h5 --range 0:1 -o wrong.png
expect_no_file wrong.png
