/** Which texts come next, by a measure, with some drawn at random among them. */
import { randomEvery, type QueueEntry, type QueueKind, type QueuePage, type QueueRequest } from '../../../shared/learning.ts';
import { mixAtRandom } from '../../../engine/active/index.ts';
import type { Course } from './course.ts';
import { disagreements, type Ranked } from './disagreement.ts';
import type { Learner } from './learner.ts';
import { notOfEntities, requireHead } from './refusals.ts';

/** @throws unavailable, with a sentence, where the queue cannot be had (yet) */
export function queueOf(learner: Learner, request: QueueRequest): Promise<QueuePage> {
  const needsHead = request.queue === 'uncertain' || request.queue === 'entropy' || request.queue === 'disagreement';
  return learner.ask((course) => mixedQueue(course, request), needsHead);
}

async function mixedQueue(course: Course, { queue, limit, leaveOut }: QueueRequest): Promise<QueuePage> {
  const left = new Set(leaveOut);
  const open = course.pool.open();
  const free = open.filter((id) => !left.has(id));
  if (queue === 'random') {
    const drawn = await course.draws.take(limit, open, left);
    return { entries: drawn.map(asDrawn), total: free.length };
  }
  const ranked = await rankedBy(course, queue, limit, leaveOut);
  // Texts that are on a screen come before these: the places go on from them.
  const place = course.pool.labeled + open.length - free.length;
  const drawn = await course.draws.take(randomPlaces(place, limit), open, left);
  return { entries: mixed(ranked, drawn, limit, place), total: ranked.total };
}

const asDrawn = (id: number): QueueEntry => ({ id, value: null, drawnAtRandom: true });

const randomPlaces = (place: number, limit: number): number => Math.floor((place + limit) / randomEvery) - Math.floor(place / randomEvery);

function mixed(ranked: Ranked, drawn: number[], limit: number, place: number): QueueEntry[] {
  const valueOf = new Map(ranked.entries.map(({ id, value }) => [id, value]));
  const ids = ranked.entries.map(({ id }) => id);
  return mixAtRandom(ids, drawn, limit, place, randomEvery).map(({ id, drawnAtRandom }) =>
    drawnAtRandom ? asDrawn(id) : { id, value: valueOf.get(id) ?? null, drawnAtRandom },
  );
}

async function rankedBy(course: Course, queue: Exclude<QueueKind, 'random'>, limit: number, leaveOut: number[]): Promise<Ranked> {
  // How far apart two answers are, or how spread, is one number of a whole text.
  if (course.isEntities && (queue === 'disagreement' || queue === 'entropy')) throw notOfEntities();
  if (queue === 'disagreement') return disagreements(course, limit, leaveOut);
  // Until there is a head, a run has something to say.
  const byRun = course.isEntities && queue === 'uncertain' && !course.head ? await entitiesByRun(course, limit, leaveOut) : null;
  if (byRun) return byRun;
  if (queue !== 'diverse') requireHead(course);
  return course.process.rank({ by: queue, limit, leaveOut });
}

/** By the newest run that predicted unlabeled texts; null: there is none. */
async function entitiesByRun({ project }: Course, limit: number, leaveOut: number[]): Promise<Ranked | null> {
  const [run] = await project.predictingRuns(1);
  if (!run) return null;
  const left = new Set(leaveOut);
  const sure = (probability: number | null) => probability ?? Infinity;
  const predictions = (await project.openPredictions(run.run)).filter(({ example }) => !left.has(example));
  predictions.sort((a, b) => sure(a.probability) - sure(b.probability) || a.example - b.example);
  const entries = predictions
    .slice(0, limit)
    .map(({ example, probability }) => ({ id: example, value: probability === null ? null : 1 - probability }));
  return { entries, total: predictions.length };
}
