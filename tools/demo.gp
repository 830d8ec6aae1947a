# The figure of the demo: for each particle its density (projections, central slices, maxima) and the atoms traced in it,
# as the program renders them.  gnuplot -e "octahedron='DIR'; truncated='DIR'" tools/demo.gp
set terminal pngcairo size 1280,330 background rgb 'white' font 'sans,10'
set output 'results/demo.png'
set multiplot layout 1,4 margins 0.01,0.99,0.02,0.88 spacing 0.01,0
unset tics; unset border; unset key; unset colorbox
set size ratio -1
do for [p in 'octahedron truncated'] {
    dir = value(p)
    set title p.': reconstructed density'
    plot dir.'/volume.png' binary filetype=png with rgbimage
    set title p.': traced atoms'
    plot dir.'/map_elements.png' binary filetype=png with rgbimage
}
unset multiplot
