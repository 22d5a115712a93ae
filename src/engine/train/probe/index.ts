export { fitBinaryProbes, fitProbe, type FittedProbe, type Probe, type ProbeOptions } from './fit.ts';
