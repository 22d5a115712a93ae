/** What a new run can start from, and the base model under each. */
import { parseBase } from '../../../shared/base.ts';
import type { BaseModel, Run } from '../../../shared/domain.ts';

export type StartingPoint =
  | { kind: 'model'; base: string; model: BaseModel }
  /** Random weights in the model's architecture. */
  | { kind: 'scratch'; base: string; model: BaseModel }
  | { kind: 'run'; base: string; model: BaseModel; run: Run };

/** The base models, the first of them with random weights, and the finished runs whose base model is here, newest first. */
export function startingPoints(models: BaseModel[], runs: Run[]): StartingPoint[] {
  const finished = runs.filter((run) => run.status === 'finished').sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return [
    ...models.map((model): StartingPoint => ({ kind: 'model', base: model.folder, model })),
    ...models.slice(0, 1).map((model): StartingPoint => ({ kind: 'scratch', base: `scratch:${model.folder}`, model })),
    ...finished.flatMap((run): StartingPoint[] => {
      const model = modelUnder(run.run, models, runs);
      return model ? [{ kind: 'run', base: run.run, model, run }] : [];
    }),
  ];
}

/** The base model whose architecture a `base` has, through whatever runs; null where it is not here. */
export function modelUnder(base: string, models: BaseModel[], runs: Run[]): BaseModel | null {
  const named = parseBase(base);
  if (named.kind !== 'run') return models.find(({ folder, name }) => folder === named.model || name === named.model) ?? null;
  const run = runs.find((one) => one.run === named.run);
  return run ? modelUnder(run.configuration.base, models, runs) : null;
}

/** Whether a run has a last state to go on from: a head that was solved for and merged adapters have none. */
export const canContinue = ({ configuration }: Run): boolean => !configuration.headOnly && configuration.lora === 0;
