/**
 * What more labels would bring: the figure of heads of growing size, the power law of its error (Figueroa et al. 2012, Predicting Sample Size
 * Required for Classification Performance, whose weights these are), and by resampling texts how sure that is.
 */
import { wilsonInterval } from '../../shared/interval.ts';
import { CELLS, metricOf, PREDICTED, SUPPORT, TRUE_POSITIVE } from '../evaluate/counts.ts';
import { percentile } from '../evaluate/significance.ts';
import { mulberry32, type Random } from '../text/random.ts';
import { errorAt, fitPowerLaw, type PowerLaw } from './power-law.ts';

/** What heads of each size answered of texts that they had not learned. */
export interface CurveMaterial {
  /** Labels that heads were fitted to, ascending. */
  sizes: number[];
  /** Labels there are. */
  labels: number;
  classes: number;
  /** [answers]: identical texts, and answers of several draws about one text, are of one group. */
  groups: string[];
  /** [answers]: the classes given. */
  given: number[][];
  /** [sizes][answers]: the classes answered. */
  answers: number[][][];
  /** [answers]: by which the answers are weighted, and the share of the texts without a label that each has. */
  strata: number[];
  shares: number[];
}

/** A figure in [0, 1], and the 95 % interval of it. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}
export type CurvePoint = Estimate & { labels: number };

export interface LearningCurve {
  measure: CurveMeasure;
  /** Labels it was computed from. */
  labels: number;
  /** Of the heads of each size. */
  measured: CurvePoint[];
  /** The fitted curve, from the smallest size to `next`, `now` among its points. */
  fitted: CurvePoint[];
  now: CurvePoint;
  next: CurvePoint;
  /** next − now. */
  gain: Estimate;
  /** Many more of the texts are unclear to heads than of those without a label: a queue chose them, and weights make up for it in part. */
  isHarder: boolean;
}
export type CurveMeasure = 'accuracy' | 'macroF1';

/** Labels that are looked ahead. */
export const AHEAD = 100;
const SAMPLES = 200;
/** So many times as many of the least clear stratum are no chance. */
const HARDER = 1.5;
/** Points of the fitted curve up to the labels there are, and beyond. */
const [BEFORE, BEYOND] = [12, 5];
/** Of how evenly classes occur; two of 70 : 30 are below. */
const EVEN = 0.9;

/**
 * Macro F1 where classes are rare: a head that never answers with them would have a high accuracy, which more labels hardly change. With several labels
 * a text most of them do not apply, so there too. `counts`: texts of each class. Evenness: the entropy as a share of the largest (Pielou 1966).
 */
export function measureOf(counts: readonly number[], several: boolean): CurveMeasure {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const entropy = counts.reduce((sum, count) => sum - (count > 0 ? (count / total) * Math.log(count / total) : 0), 0);
  return several || entropy / Math.log(counts.length) < EVEN ? 'macroF1' : 'accuracy';
}

/** Yields before each resampling, so that its caller can do other things in between. */
export function* learningCurve(material: CurveMaterial, measure: CurveMeasure): Generator<undefined, LearningCurve> {
  const { sizes, labels, groups } = material;
  const members = [...Map.groupBy(groups.keys(), (answer) => groups[answer]).values()];
  const places = [...between(sizes[0], labels, BEFORE), ...between(labels, labels + AHEAD, BEYOND).slice(1)];
  const whole = figures(material, measure, new Float64Array(groups.length).fill(1));
  const law = lawOf(sizes, whole);
  const random = mulberry32(1);
  const [measured, fitted, gains]: [number[][], number[][], number[]] = [[], [], []];
  for (let sample = 0; sample < SAMPLES; sample++) {
    yield;
    const values = figures(material, measure, resampled(members, groups.length, random));
    const other = lawOf(sizes, values);
    measured.push(values);
    fitted.push(places.map((place) => valueAt(other, place)));
    gains.push(valueAt(other, labels + AHEAD) - valueAt(other, labels));
  }
  const point = (place: number, value: number, samples: number[]): CurvePoint => {
    const { low, high } = estimate(value, samples);
    // Samples of texts that are all answered rightly are all alike.
    const [least, most] = wilsonInterval(value, members.length);
    return { labels: place, value, low: Math.min(low, least), high: Math.max(high, most) };
  };
  const column = (rows: number[][], at: number) => rows.map((row) => row[at]);
  const curve = places.map((place, at) => point(place, valueAt(law, place), column(fitted, at)));
  return {
    measure,
    labels,
    measured: sizes.map((size, at) => point(size, whole[at], column(measured, at))),
    fitted: curve,
    now: curve[BEFORE - 1],
    next: curve[curve.length - 1],
    gain: estimate(valueAt(law, labels + AHEAD) - valueAt(law, labels), gains),
    isHarder: isHarder(material),
  };
}

function isHarder({ strata, shares }: CurveMaterial): boolean {
  return strata.filter((stratum) => stratum === 0).length > HARDER * shares[0] * strata.length;
}

const valueAt = (law: PowerLaw, labels: number): number => Math.max(0, 1 - errorAt(law, labels));

/** Later points count more: they are nearer to what is asked about (Figueroa et al. 2012). */
const lawOf = (sizes: number[], values: number[]): PowerLaw =>
  fitPowerLaw(sizes.map((n, at) => ({ n, error: 1 - values[at], weight: (at + 1) / sizes.length })));

/** [sizes]: the figure, each answer counted so many times. Within a stratum answers weigh the same, and all of it what the stratum's share is. */
function figures({ classes, given, answers, strata, shares }: CurveMaterial, measure: CurveMeasure, times: Float64Array): number[] {
  const sums = shares.map(() => 0);
  strata.forEach((stratum, answer) => (sums[stratum] += times[answer]));
  return answers.map((answered) => {
    const counts = new Float64Array(classes * CELLS);
    answered.forEach((said, answer) => {
      if (times[answer] === 0) return;
      const weight = (shares[strata[answer]] * times[answer]) / sums[strata[answer]];
      for (const label of given[answer]) counts[label * CELLS + SUPPORT] += weight;
      for (const label of said) {
        counts[label * CELLS + PREDICTED] += weight;
        if (given[answer].includes(label)) counts[label * CELLS + TRUE_POSITIVE] += weight;
      }
    });
    return metricOf(measure, counts);
  });
}

/** [answers]: how often each comes in a sample of the groups with replacement. */
function resampled(members: number[][], answers: number, random: Random): Float64Array {
  const times = new Float64Array(answers);
  for (let drawn = 0; drawn < members.length; drawn++) for (const answer of members[Math.floor(random() * members.length)]) times[answer]++;
  return times;
}

function estimate(value: number, samples: number[]): Estimate {
  const sorted = Float64Array.from(samples).sort();
  return { value, low: Math.min(value, percentile(sorted, 0.025)), high: Math.max(value, percentile(sorted, 0.975)) };
}

/** So many whole numbers with about the same ratio from each to the next. */
const between = (first: number, last: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => Math.round(first * (last / first) ** (at / (count - 1))));

/**
 * Strata by how clearly heads decide, as many as there are with equal parts of the pool, so that labeled texts that a queue chose as unsure count no more
 * than such texts do among those without a label (post-stratification, Holt and Smith 1979). A stratum without an answer is joined to the next.
 */
export function marginStrata(margins: readonly number[], pool: Float32Array, count = 5): { strata: number[]; shares: number[] } {
  const sorted = Float64Array.from(pool).sort();
  const bounds = pool.length === 0 ? [] : Array.from({ length: count - 1 }, (_, at) => percentile(sorted, (at + 1) / count));
  const partOf = (margin: number) => bounds.filter((bound) => margin >= bound).length;
  const parts = margins.map(partOf);
  const used = [...new Set(parts)].sort((a, b) => a - b);
  const shares = used.map(() => 0);
  for (let part = 0; part <= bounds.length; part++) shares[nearest(used, part)] += 1 / (bounds.length + 1);
  return { strata: parts.map((part) => used.indexOf(part)), shares };
}

/** Index of the part that is used and nearest to one. */
const nearest = (used: number[], part: number): number => {
  const distances = used.map((other) => Math.abs(other - part));
  return distances.indexOf(Math.min(...distances));
};
