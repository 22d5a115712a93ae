/** Texts on which two sides give other answers: the two newest runs that predicted them, or the one there is and the head that learns meanwhile. */
import { disagreement } from '../../../engine/active/index.ts';
import { answersOf } from './answers.ts';
import type { Course } from './course.ts';
import { noPredictions, requireHead } from './refusals.ts';

/** Texts by a measure, the first first. */
export interface Ranked {
  entries: { id: number; value: number | null }[];
  total: number;
}

/** What a side says of texts: probabilities by the names of its labels. */
interface Side {
  labels: string[];
  scores: Map<number, number[]>;
}

/** The furthest apart first. @throws unavailable */
export async function disagreements(course: Course, limit: number, leaveOut: number[]): Promise<Ranked> {
  const runs = await course.project.predictingRuns(2);
  if (runs.length === 0) throw noPredictions();
  const [first, other] = await Promise.all(runs.map(({ run, labels }) => sideOfRun(course, run, labels)));
  const second = other ?? (await sideOfHead(course, [...first.scores.keys()]));
  const left = new Set(leaveOut);
  const names = [...new Set([...first.labels, ...second.labels])];
  const differing = [...first.scores].flatMap(([id, scores]) => {
    const others = second.scores.get(id);
    if (!others || left.has(id)) return [];
    const [a, b] = [inOrder(names, first.labels, scores), inOrder(names, second.labels, others)];
    if (answersOf(a, course.several).join() === answersOf(b, course.several).join()) return [];
    return [{ id, value: disagreement(a, b, course.several ? 'several' : 'one') }];
  });
  differing.sort((a, b) => b.value - a.value || a.id - b.id);
  return { entries: differing.slice(0, limit), total: differing.length };
}

async function sideOfRun(course: Course, run: string, labels: string[]): Promise<Side> {
  const predictions = await course.project.openPredictions(run);
  return { labels, scores: new Map(predictions.map(({ example, scores }) => [example, scores])) };
}

async function sideOfHead(course: Course, ids: number[]): Promise<Side> {
  requireHead(course);
  const { classes, rows } = await course.process.probabilities(ids);
  const known = ids.map((id, at) => [id, rows[at]] as const).filter(([, row]) => !row.some(Number.isNaN));
  return { labels: classes.map((label) => course.nameOf(label)), scores: new Map(known) };
}

/** Probabilities in the order of all names: 0 for a label that the side does not know. */
const inOrder = (names: string[], labels: string[], scores: number[]): number[] =>
  names.map((name) => labels.reduce((sum, label, at) => (label === name ? sum + (scores[at] ?? 0) : sum), 0));
