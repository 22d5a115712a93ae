export { agreement, type Answers } from './agreement.ts';
