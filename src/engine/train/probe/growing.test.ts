import { expect, it } from 'vitest';
import { mulberry32 } from '../../text/random.ts';
import { growingAnswers, type GrowingAnswers, type GrowingPlan } from './growing.ts';
import type { LabeledRows } from './labeled-rows.ts';

const task = { classes: 2, classWeights: null, strength: 0.1 };
const plan: GrowingPlan = { sizes: [10, 30, 80], folds: 5, draws: 2 };
const none = new Float32Array();

function rowsOf(width: number, labels: number[], valueOf: (row: number, column: number) => number): LabeledRows {
  const features = Float32Array.from({ length: labels.length * width }, (_, at) => valueOf(Math.floor(at / width), at % width));
  return { features, labels: Int32Array.from(labels), targets: null, available: labels.length };
}
function answersOf(rows: LabeledRows, groups: string[], given: number[][], pool = none): GrowingAnswers {
  const folded = groups.map((group, row) => ({ group, classes: given[row] }));
  const steps = growingAnswers(rows, folded, task, plan, pool);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
const one = (labels: number[]) => labels.map((label) => [label]);

it('answers each text once a draw, better with more labels, and tells how clearly', () => {
  const random = mulberry32(1);
  const labels = Array.from({ length: 120 }, (_, row) => row % 2);
  const rows = rowsOf(30, labels, (row, column) => (random() - 0.5) * 4 + (column < 6 ? labels[row] - 0.5 : 0));
  const pool = rows.features.slice(0, 30 * 7);
  const {
    rows: asked,
    classes,
    margins,
    poolMargins,
  } = answersOf(
    rows,
    labels.map((_, row) => `${row}`),
    one(labels),
    pool,
  );
  const times = Map.groupBy(asked, (row) => row);
  expect([times.size, ...new Set([...times.values()].map(({ length }) => length))]).toEqual([120, plan.draws]);
  const right = classes.map((of) => of.filter(([answer], at) => answer === labels[asked[at]]).length / asked.length);
  expect(right[2]).toBeGreaterThan(right[0] + 0.03);
  expect(right[2]).toBeGreaterThan(0.7);
  expect(margins).toHaveLength(240);
  expect(poolMargins).toHaveLength(7 * plan.folds * plan.draws);
  for (const margin of [...margins, ...poolMargins]) expect(margin >= 0 && margin <= 1).toBe(true);
});

it('asks no head about a text that it knows the like of', () => {
  // Nothing but having seen a text, or its twin, tells its label.
  const random = mulberry32(2);
  const labels = Array.from({ length: 120 }, (_, row) => (row % 2 ? -1 : Number(random() < 0.5)));
  labels.forEach((label, row) => (labels[row] = label < 0 ? labels[row - 1] : label));
  const rows = rowsOf(60, labels, (row, column) => Number(Math.floor(row / 2) === column));
  const answers = (groups: string[]) => {
    const { rows: asked, classes } = answersOf(rows, groups, one(labels));
    return classes[2].filter(([answer], at) => answer === labels[asked[at]]).length / asked.length;
  };
  expect(answers(labels.map((_, row) => `${Math.floor(row / 2)}`))).toBeLessThan(0.65);
  expect(answers(labels.map((_, row) => `${row}`))).toBeGreaterThan(0.75);
});

it('has each class in the smallest part as often as in all', () => {
  // Of ten labels nine are alike: a head that was fitted to none of the tenth could not answer it.
  const labels = Array.from({ length: 120 }, (_, row) => Number(row % 10 === 0));
  const rows = rowsOf(2, labels, (row, column) => Number(labels[row] === column) * 5);
  const { rows: asked, classes } = answersOf(
    rows,
    labels.map((_, row) => `${row}`),
    one(labels),
  );
  for (const of of classes) expect(of.every(([answer], at) => answer === labels[asked[at]])).toBe(true);
});

it('answers several labels each by itself', () => {
  const given = Array.from({ length: 120 }, (_, row) => [...(row % 2 ? [0] : []), ...(row % 3 ? [] : [1])]);
  const features = rowsOf(
    2,
    given.map(() => -100),
    (row, column) => Number(given[row].includes(column)) * 5,
  );
  const targets = Float32Array.from({ length: 240 }, (_, at) => Number(given[at >> 1].includes(at % 2)));
  const { rows: asked, classes } = answersOf(
    { ...features, targets },
    given.map((_, row) => `${row}`),
    given,
  );
  expect(classes[2]).toEqual(asked.map((row) => given[row]));
});
