export { longestEmbedded, openEmbedder, type Embedder, type EmbedderOptions } from './embedder.ts';
export { nearestCentres, rowsOf } from './nearest.ts';
export { openWordEmbedder, type CutText, type TextWords, type WordEmbedder } from './word-embedder.ts';
