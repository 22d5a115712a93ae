/** What more labels would bring, in words. */
import { countOf } from './counts.ts';
import type { CurvePoint, LearningCurve, LearningState } from './learning.ts';

/** A gain that is surely below this is none to label for. */
const HARDLY = 0.01;

const whole = (share: number): string => `${Math.round(100 * share)}`;
const percent = (share: number): string => `${whole(share)}\u00a0%`;
export const interval = ({ low, high }: Pick<CurvePoint, 'low' | 'high'>): string => `${whole(low)}–${whole(high)}`;

export const measureName = ({ measure }: LearningCurve): string => (measure === 'accuracy' ? 'accuracy' : 'macro F1');

const isFlat = ({ gain }: LearningCurve): boolean => gain.high < HARDLY;

/** On the button that shows the curve. */
export function curveLine(curve: LearningCurve): string {
  const { now, next } = curve;
  const more = `${next.labels - now.labels} more labels`;
  // Where the level is too low, the gain alone is said.
  if (curve.isHarder) return `${more}: ${isFlat(curve) ? 'hardly any gain' : `about ${points(curve.gain.value)} more`}`;
  const [from, to] = [whole(now.value), percent(next.value)];
  return isFlat(curve) || from === whole(next.value) ? `${more}: hardly more than ${percent(now.value)}` : `${more}: ${from} → about ${to}`;
}

/** What it says, and what is to be made of it. */
export function curveSentences(curve: LearningCurve): string[] {
  const { now, next, gain } = curve;
  const more = next.labels - now.labels;
  const name = measureName(curve);
  const foreseen = `With ${more} more labels ${name} would be about ${percent(next.value)} (${whole(next.low)} to ${whole(next.high)}); now it is about ${percent(now.value)}.`;
  const hard = curve.isHarder ? ['A queue chose harder texts than most, so both are likely some points too low; the gain is not.'] : [];
  if (isFlat(curve))
    return [
      foreseen,
      `On average they bring at most ${points(gain.high)}: texts of another kind, or fine-tuning, will bring more.`,
      ...hard,
    ];
  const spread = `${(100 * gain.low).toFixed(1)} to ${(100 * gain.high).toFixed(1)}`;
  const average = `On average they bring ${points(gain.value)} (${spread}); which texts they are makes a point or two of difference.`;
  return [foreseen, average, ...hard];
}

const points = (share: number): string => `${(100 * Math.max(0, share)).toFixed(1)} points`;

/** The points of it, as a table has them. */
export const curveRows = ({ measured, now, next }: LearningCurve): (CurvePoint & { what: string })[] => [
  ...measured.map((point) => ({ ...point, what: '' })),
  { ...now, what: 'now' },
  { ...next, what: 'foreseen' },
];

/** What is still missing for a curve; null: nothing, or no labels would help. */
export function curveMissing({ labels, curve, curveFrom }: LearningState): string | null {
  if (curve || labels === 0 || labels >= curveFrom) return null;
  return `A forecast needs ${countOf(curveFrom - labels, 'more label')}`;
}
