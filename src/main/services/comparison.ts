/** Two runs on the examples that both were measured on. */
import { isLabeled, type Comparison, type Example, type Flip, type Prediction, type Run, type Split } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { isRight } from '../../engine/evaluate/index.ts';
import type { Project } from '../database/index.ts';
import { testChange } from './test-sets.ts';
import { runJob } from './trainer.ts';

interface Pair {
  example: Example;
  first: Prediction;
  second: Prediction;
}

export async function compareTwo(
  project: Project,
  first: string,
  second: string,
  { split, metric }: { split: Split; metric?: string },
): Promise<Comparison> {
  const runs = [await project.run(first), await project.run(second)] as const;
  const { task, labels } = await project.summary();
  const pairs = await pairsOf(project, runs, split);
  const examples = pairs.map((pair) => ({ expected: pair.example.annotation, first: pair.first, second: pair.second }));
  const names: [string, string] = runs[0].name === runs[1].name ? [first, second] : [runs[0].name, runs[1].name];
  const job = { type: 'compare', task, labels: labels.map((label) => label.name), examples, metric, names } as const;
  const { comparison } = await runJob<'compare'>(job);
  const testChanged = split === 'test' ? await testChange(project.folder, runs[0].snapshot, runs[1].snapshot) : null;
  return { runs: [first, second], split, ...comparison, ...(testChanged !== null && { testChange: testChanged }) };
}

/** Examples the second run fixed or broke, or on which both are wrong in different ways. */
export async function flipsOf(project: Project, first: string, second: string, split: Split): Promise<Flip[]> {
  const { task } = await project.summary();
  const pairs = await pairsOf(project, [await project.run(first), await project.run(second)], split);
  return pairs.flatMap((pair): Flip[] => {
    const [was, is] = [isRight(task, pair.example.annotation, pair.first), isRight(task, pair.example.annotation, pair.second)];
    if (was !== is) return [{ ...pair, kind: is ? 'fixed' : 'broken' }];
    return was || same(pair.first, pair.second) ? [] : [{ ...pair, kind: 'changed' }];
  });
}

const same = (a: Prediction, b: Prediction): boolean =>
  a.label === b.label && a.labels?.join('\n') === b.labels?.join('\n') && spansText(a) === spansText(b);
const spansText = ({ spans }: Prediction): string => (spans ?? []).map(({ start, end, label }) => `${start}-${end}-${label}`).join();

/** Examples with predictions of both runs, as they are labeled now. @throws not_comparable */
async function pairsOf(project: Project, [a, b]: readonly [Run, Run], split: Split): Promise<Pair[]> {
  const first = await predictionsOf(project, a, split);
  const second = await predictionsOf(project, b, split);
  const shared = [...first.keys()].filter((id) => second.has(id));
  const examples = (await project.examples(shared)).filter(({ annotation }) => isLabeled(annotation));
  if (examples.length === 0)
    throw new ThawError({
      code: 'not_comparable',
      message: `Runs ${a.run} and ${b.run} share no labeled ${split} example.`,
      remedy: 'Train both on the same examples.',
    });
  return examples.map((example) => ({ example, first: first.get(example.id) as Prediction, second: second.get(example.id) as Prediction }));
}

async function predictionsOf(project: Project, { run, status }: Run, split: Split): Promise<Map<number, Prediction>> {
  const predictions = await project.predictions(run, split);
  if (predictions.length === 0)
    throw new ThawError({
      code: 'not_comparable',
      message: `Run ${run} (${status}) has no predictions of the ${split} split.`,
      remedy: 'Compare finished runs, on a split that had labeled examples when they were trained.',
    });
  return new Map(predictions.map((prediction) => [prediction.exampleId, prediction]));
}
