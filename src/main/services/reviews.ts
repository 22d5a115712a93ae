/** Suggestions of a run looked over before they are approved: counted by how sure the run is, sampled, and approved from a threshold on. */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { mulberry32, shuffle, type Random } from '../../engine/text/random.ts';
import { ThawError } from '../../shared/errors.ts';
import type { BulkTarget } from '../../shared/filter.ts';
import { percentOf, type Review, type Sampled } from '../../shared/suggestions.ts';
import type { Call, Project } from '../database/index.ts';

/** What a run says of a text: the text's id, how sure it is, and which list of labels it gives. */
interface Kept {
  review: string;
  folder: string;
  run: string;
  ids: number[];
  percents: number[];
  certainties: number[];
  /** Index into `lists`: very many texts have few different ones. */
  given: number[];
  lists: string[][];
}

export class Reviews {
  /** The one made last, of any project: of a million texts it takes some tens of megabytes. */
  #kept: Kept | null = null;

  /** Of all texts that wait, or of some. Throws unknown_run, unavailable (the listing is out of date). */
  async begin(project: Project, { run: id, target }: { run: string; target?: BulkTarget | null }, signal?: AbortSignal): Promise<Review> {
    const { run, name } = await project.run(id);
    const isMeant = target ? await members(project, target, signal) : () => true;
    const kept: Kept = { review: randomUUID(), folder: project.folder, run, ids: [], percents: [], certainties: [], given: [], lists: [] };
    const withoutEntity = await collect(project, kept, isMeant, signal);
    this.#kept = kept;
    return { review: kept.review, run, name, ...countsOf(kept), withoutEntity };
  }

  /** Of those at or above `percent`, so many as `size` says, drawn by label in proportion. Throws unavailable for a review that is not kept. */
  async sample(project: Project, { review, percent, size, seed }: { review: string; percent: number; size: number; seed: number }) {
    const kept = this.#find(project, review);
    const above = kept.ids.flatMap((_, at) => (kept.percents[at] >= percent ? [at] : []));
    const drawn = drawByLabel(above, (at) => kept.lists[kept.given[at]], size, mulberry32(seed));
    const ids = drawn.map((at) => kept.ids[at]);
    const [examples, said] = await Promise.all([project.examples(ids), project.suggestionsOf(kept.run, ids)]);
    const byId = new Map(examples.map((example) => [example.id, example]));
    const texts = drawn.flatMap((at, index): Sampled[] => {
      const example = byId.get(kept.ids[at]);
      const spans = said[index]?.spans ?? null;
      // One that was labeled meanwhile is none of them any more.
      return example && said[index] ? [{ example, labels: kept.lists[kept.given[at]], spans, certainty: kept.certainties[at] }] : [];
    });
    return { above: above.length, texts };
  }

  /** One step of the history; how many texts got a label. Throws unavailable for a review that is not kept, and as Project.approve. */
  async approve(
    project: Project,
    { review, percent, except }: { review: string; percent: number; except: number[] },
    call?: Call<{ done: number; total: number }>,
  ): Promise<number> {
    const { run, ids, percents } = this.#find(project, review);
    const left = new Set(except);
    const chosen = ids.filter((id, at) => percents[at] >= percent && !left.has(id));
    return project.approve(run, Uint32Array.from(chosen), call);
  }

  #find(project: Project, review: string): Kept {
    if (this.#kept?.review === review && this.#kept.folder === project.folder) return this.#kept;
    throw new ThawError({ code: 'unavailable', message: 'This review is out of date.', remedy: 'Open it again.' });
  }
}

async function members(project: Project, target: BulkTarget, signal?: AbortSignal): Promise<(id: number) => boolean> {
  const ids = new Set('ids' in target ? target.ids : await project.listed(target.listing, { signal }));
  for (const id of 'except' in target ? target.except : []) ids.delete(id);
  return (id) => ids.has(id);
}

/** Gives how many texts have no entity. What names a label that the project does not have any more cannot be approved, and is left out. */
async function collect(project: Project, kept: Kept, isMeant: (id: number) => boolean, signal?: AbortSignal): Promise<number> {
  const known = new Map<string, number>();
  const labelNames = new Set((await project.summary()).labels.map(({ name }) => name));
  let withoutEntity = 0;
  for (let after: number | null = 0; after !== null;) {
    signal?.throwIfAborted();
    const piece: Awaited<ReturnType<Project['waitingSuggestions']>> = await project.waitingSuggestions(kept.run, after);
    after = piece.last;
    for (const { id, labels, certainty } of piece.suggestions) {
      if (!isMeant(id)) continue;
      if (certainty === null) {
        withoutEntity++;
        continue;
      }
      if (!labels.every((name) => labelNames.has(name))) continue;
      const key = JSON.stringify(labels);
      if (!known.has(key)) known.set(key, kept.lists.push(labels) - 1);
      kept.ids.push(id);
      kept.certainties.push(certainty);
      kept.percents.push(percentOf(certainty));
      kept.given.push(known.get(key) as number);
    }
    await nextTurn();
  }
  return withoutEntity;
}

const noCounts = () => new Array<number>(101).fill(0);

function countsOf({ percents, given, lists }: Kept): Pick<Review, 'counts' | 'labels'> {
  const counts = noCounts();
  const byLabel = new Map<string, number[]>();
  percents.forEach((percent, at) => {
    counts[percent]++;
    for (const label of lists[given[at]]) {
      const own = byLabel.get(label) ?? noCounts();
      own[percent]++;
      byLabel.set(label, own);
    }
  });
  return { counts, labels: [...byLabel].map(([label, own]) => ({ label, counts: own })) };
}

/**
 * Draws `size` of `items` by strata in proportion to how many each has (largest remainder), each stratum by simple random sampling, so that the
 * share that is right estimates that of all without weights. An item of several labels belongs to the rarest of them. In random order.
 */
export function drawByLabel(items: number[], labelsOf: (item: number) => string[], size: number, random: Random): number[] {
  if (size >= items.length) return shuffle([...items], random);
  const strata = [...byRarest(items, labelsOf).values()];
  const quotas = strata.map((stratum) => (size * stratum.length) / items.length);
  const shares = quotas.map(Math.floor);
  const order = quotas.map((_, at) => at).sort((a, b) => quotas[b] - shares[b] - (quotas[a] - shares[a]) || a - b);
  const missing = size - shares.reduce((sum, share) => sum + share, 0);
  for (const at of order.slice(0, missing)) shares[at]++;
  return shuffle(
    strata.flatMap((stratum, at) => someOf(stratum, shares[at], random)),
    random,
  );
}

function byRarest(items: number[], labelsOf: (item: number) => string[]): Map<string, number[]> {
  const sizes = new Map<string, number>();
  for (const item of items) for (const label of labelsOf(item)) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const strata = new Map<string, number[]>();
  for (const item of items) {
    const [rarest = ''] = [...labelsOf(item)].sort((a, b) => (sizes.get(a) ?? 0) - (sizes.get(b) ?? 0) || a.localeCompare(b));
    const stratum = strata.get(rarest);
    if (stratum) stratum.push(item);
    else strata.set(rarest, [item]);
  }
  return strata;
}

/** The beginning of a Fisher–Yates shuffle; `items` is left in another order. */
function someOf(items: number[], count: number, random: Random): number[] {
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random() * (items.length - at));
    [items[at], items[other]] = [items[other], items[at]];
  }
  return items.slice(0, count);
}
