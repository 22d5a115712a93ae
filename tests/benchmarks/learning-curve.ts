/** What a learning curve foresees for 100 labels later, against what the head then comes to on texts held out. */
import type { Metrics } from '../../src/shared/domain.ts';
import type { LearningCurve } from '../../src/shared/learning.ts';
import type { LearningSession } from '../../src/trainer/learning.ts';
import { figuresOf, labelings, openTask, type Strategy, type Task } from './learning-tasks.ts';
import { mean } from './statistics.ts';
import { aligned } from './table.ts';

const FROM = [100, 200, 400];
const AHEAD = 100;
const STOPS = [...new Set(FROM.flatMap((labels) => [labels, labels + AHEAD]))].sort((a, b) => a - b);

/** One forecast, and what the head was worth then and came to, in [0, 1]. */
interface Forecast {
  curve: LearningCurve;
  now: number;
  later: number;
}

export async function curves(task: Task, cache: string, strategies: readonly Strategy[], seeds: number): Promise<void> {
  const rows = [['labels chosen', 'from', 'foreseen', 'came', 'off', 'bias', 'within', 'gain foreseen', 'came', 'off', 'within']];
  for (const strategy of strategies) {
    const found = new Map<number, Forecast[]>(FROM.map((labels) => [labels, []]));
    for (let seed = 1; seed <= seeds; seed++) {
      for (const [labels, forecast] of await forecasts(task, cache, strategy, seed)) {
        found.get(labels)!.push(forecast);
        console.error(task.name, strategy, seed, labels, forecast.curve.measure, ...cellsOf([forecast]));
      }
    }
    for (const [labels, all] of found) rows.push([strategy, `${labels}`, ...cellsOf(all)]);
  }
  console.log(
    `${task.name}: what a head is worth, in percent, ${AHEAD} labels later, foreseen and on ${task.test.length} texts held out, over ${seeds} seeds;`,
  );
  console.log(`off: mean of the absolute differences; within: how often it came to lie in the 95 % interval\n\n${aligned(rows)}\n`);
}

async function forecasts(task: Task, cache: string, strategy: Strategy, seed: number): Promise<Map<number, Forecast>> {
  // A session for each: what it knew before must not help.
  const session = await openTask(task, cache);
  const [actual, known] = [new Map<number, Metrics>(), new Map<number, LearningCurve>()];
  for await (const { size } of labelings(session, task, strategy, seed, STOPS)) {
    actual.set(size, await figuresOf(session, task));
    if (FROM.includes(size)) known.set(size, await curveOf(session));
  }
  await session.close();
  const figureOf = ({ measure }: LearningCurve, size: number) => actual.get(size)![measure]!;
  return new Map([...known].map(([size, curve]) => [size, { curve, now: figureOf(curve, size), later: figureOf(curve, size + AHEAD) }]));
}

async function curveOf(session: LearningSession): Promise<LearningCurve> {
  for (;;) {
    const answer = await session.answer({ type: 'curve' });
    if (answer.type !== 'curve' || (answer.isDone && !answer.curve)) throw new Error('no curve');
    if (answer.curve) return answer.curve;
  }
}

function cellsOf(all: Forecast[]): string[] {
  const of = (value: (forecast: Forecast) => number) => (100 * mean(all.map(value))).toFixed(1);
  const isIn = (value: number, { low, high }: { low: number; high: number }) => low <= value && value <= high;
  const share = (is: (forecast: Forecast) => boolean) => `${all.filter(is).length} of ${all.length}`;
  return [
    of(({ curve }) => curve.next.value),
    of(({ later }) => later),
    of(({ curve, later }) => Math.abs(curve.next.value - later)),
    of(({ curve, later }) => curve.next.value - later),
    share(({ curve, later }) => isIn(later, curve.next)),
    of(({ curve }) => curve.gain.value),
    of(({ now, later }) => later - now),
    of(({ curve, now, later }) => Math.abs(curve.gain.value - (later - now))),
    share(({ curve, now, later }) => isIn(later - now, curve.gain)),
  ];
}
