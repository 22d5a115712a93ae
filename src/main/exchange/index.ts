export { readExchange } from './read.ts';
export { checkHasTexts, fillFromExchange, takeExchange, type TakeOptions } from './take.ts';
export { exchangeFileName, writeExchange } from './write.ts';
