import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flip, Prediction } from '../../../shared/domain.ts';
import { confusionDifference } from './confusion.ts';

const labels = ['a', 'b', 'c'];
const label = fc.constantFrom(...labels);
const answer = fc.record({ labeled: label, first: label, second: label });
const said = (name: string): Prediction => ({ exampleId: 0, label: name, scores: [], spans: null });

/** The whole matrix, the long way. */
function confusion(answers: { labeled: string; predicted: string }[]): number[][] {
  return labels.map((row) =>
    labels.map((column) => answers.filter(({ labeled, predicted }) => labeled === row && predicted === column).length),
  );
}

test('the flips alone give the difference of the whole matrices', () => {
  fc.assert(
    fc.property(fc.array(answer), (answers) => {
      const flips = answers
        .filter(({ first, second }) => first !== second)
        .map(
          ({ labeled, first, second }) =>
            ({ example: { annotation: { label: labeled, spans: null } }, first: said(first), second: said(second) }) as Flip,
        );
      const first = confusion(answers.map(({ labeled, first: predicted }) => ({ labeled, predicted })));
      const second = confusion(answers.map(({ labeled, second: predicted }) => ({ labeled, predicted })));
      expect(confusionDifference(flips, labels)).toEqual(second.map((row, i) => row.map((count, j) => count - first[i][j])));
    }),
  );
});
