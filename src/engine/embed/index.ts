export { longestEmbedded, openEmbedder, type Embedder, type EmbedderOptions } from './embedder.ts';
export { nearestCentres, rowsOf } from './nearest.ts';
