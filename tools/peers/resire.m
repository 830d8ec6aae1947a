% Runs the published RESIRE on a MATLAB file with `projections` (nx, ny, n) and `angles` (n, 3).
%   octave-cli resire.m FOLDER SERIES.mat OVERSAMPLING ITERATIONS
args = argv ();
addpath (fullfile (args{1}, 'src'), fullfile (args{1}, 'src', 'splinterp'));
series = load (args{2});
r = RESIRE_Reconstructor ();
r.InputProjections = single (series.projections);
r.InputAngles = series.angles;
r.oversamplingRatio = str2double (args{3});
iterations = str2double (args{4});
r.numIterations = iterations;
r.monitor_R = true;
r.monitorR_loopLength = iterations;
start = tic ();
r = CheckPrepareData (r);
r = runGridding (r);
printf ("setup_s = %.3f\n", toc (start));
start = tic ();
r = reconstruct (r);
printf ("iteration_s = %.4f\n", toc (start) / iterations);
printf ("r1 = %.6f\n", r.errR);
