/** A head that tags words, one text at a time as a whole: what it reads of each word, and what its answers say of spans. */
export { decodeChain, transitionsOf, type Decoded, type FoundSpan } from './chain.ts';
export { featuresOfText, windowed, wordWidth, type TextFeatures } from './windows.ts';
