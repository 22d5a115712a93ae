export { agreement, answerKey, type Answers } from './agreement.ts';
