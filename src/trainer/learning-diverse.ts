/** Texts away from what is labeled, and from what is about to be. */
import { centralPoint, kCenterGreedy } from '../engine/active/index.ts';
import { nearestCentres, rowsOf } from '../engine/embed/index.ts';
import type { LearningAnswerOf } from './learning-messages.ts';
import type { LearningRows } from './learning-rows.ts';

/** Of the texts that wait, those to label next; the value is the distance from the nearest that is labeled or comes before, null of the first of all. */
export async function diverse(rows: LearningRows, leaveOut: number[], limit: number, threads: number): Promise<LearningAnswerOf<'rank'>> {
  const open = rows.open(new Set(leaveOut));
  const points = rows.points(open);
  const { values, width } = points;
  const passedOver = leaveOut.flatMap((id) => rows.get(id) ?? []);
  const centres = Uint32Array.from([...rows.labeled(), ...passedOver], ({ at }) => at);
  const isFirst = centres.length === 0;
  const central = isFirst ? centralPoint(points) : -1;
  if (isFirst && central < 0) return { type: 'rank', entries: [], total: 0 };
  const known = rowsOf(values, width, isFirst ? points.rows.subarray(central, central + 1) : centres);
  const nearest = await nearestCentres(points, known, threads);
  const chosen = kCenterGreedy(points, nearest, isFirst ? limit - 1 : limit);
  const entries = chosen.map(({ index, distance }) => ({ index, value: distance as number | null }));
  const all = isFirst ? [{ index: central, value: null }, ...entries.filter(({ index }) => index !== central)] : entries;
  return { type: 'rank', entries: all.map(({ index, value }) => ({ id: open[index].id, value })), total: open.length };
}
