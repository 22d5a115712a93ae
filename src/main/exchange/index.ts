export { readExchange } from './read.ts';
export { checkHasTexts, fillFromExchange, takeExchange } from './take.ts';
export { writeExchange } from './write.ts';
