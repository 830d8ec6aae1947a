# The figure of the demo: for each particle its density (projections, central slices, maxima; left) and the atoms
# traced in it (right; Ni small and green, Pt large and blue).  gnuplot -e "octahedron='DIR'; truncated='DIR'" tools/demo.gp
set terminal pngcairo size 1280,330 background rgb 'white' font 'sans,10'
set output 'results/demo.png'
set multiplot layout 1,4 margins 0.01,0.99,0.02,0.88 spacing 0.01,0
set hidden3d
unset tics; unset border; unset key; unset colorbox
do for [p in 'octahedron truncated'] {
    dir = value(p)
    set title p.': reconstructed density' offset 0,0
    set size square
    plot dir.'/volume.png' binary filetype=png with rgbimage
    set title p.': traced atoms' offset 0,1
    set datafile separator ','
    set view 62,40,1.02,1.02
    set view equal xyz
    splot dir.'/atoms.csv' every ::1 using 3:4:5:(strcol(2) eq 'Pt' ? 1.3 : 1.0): \
        (strcol(2) eq 'Pt' ? 0x3060a0 : 0x40b060) with points pointtype 7 pointsize variable linecolor rgb variable
    set datafile separator whitespace
}
unset multiplot
