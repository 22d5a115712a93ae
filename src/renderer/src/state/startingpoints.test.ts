import { expect, test } from 'vitest';
import { runConfigurationSchema, type BaseModel, type Run } from '../../../shared/domain.ts';
import { canContinue, modelUnder, startingPoints } from './startingpoints.ts';

const model = (name: string): BaseModel => ({
  name,
  folder: `/models/${name}`,
  family: 'bert',
  parameters: 1,
  maxLength: 512,
  hiddenSize: 8,
  dropout: 0.1,
  licence: null,
  layers: [],
});
const models = [model('six'), model('tiny')];
function run(id: string, base: string, more: Partial<Run> = {}): Run {
  return {
    run: id,
    name: `Run ${id}`,
    status: 'finished',
    base,
    snapshot: '',
    configuration: runConfigurationSchema.parse({ base }),
    labels: [],
    createdAt: `2026-01-0${id.slice(1)}`,
    figures: null,
    epochs: [],
    validation: null,
    test: null,
    error: null,
    resumable: false,
    ...more,
  };
}
const runs = [
  run('r1', '/models/tiny'),
  run('r2', 'r1'),
  run('r3', 'scratch:/models/tiny'),
  run('r4', '/models/gone'),
  run('r5', 'r2', { status: 'failed' }),
];

test('a run has the base model under the runs it goes through', () => {
  expect(modelUnder('r2', models, runs)?.name).toBe('tiny');
  expect(modelUnder('r3', models, runs)?.name).toBe('tiny');
  expect(modelUnder('six', models, runs)?.name).toBe('six');
  expect(modelUnder('r4', models, runs)).toBe(null);
  expect(modelUnder('r9', models, runs)).toBe(null);
});

test('a run can start from base models, random weights, and finished runs whose base model is here', () =>
  expect(startingPoints(models, runs).map(({ kind, base }) => [kind, base])).toEqual([
    ['model', '/models/six'],
    ['model', '/models/tiny'],
    ['scratch', 'scratch:/models/six'],
    ['run', 'r3'],
    ['run', 'r2'],
    ['run', 'r1'],
  ]));

test('what was not trained in steps cannot be continued', () => {
  const of = (more: object) => run('r1', 'six', { configuration: runConfigurationSchema.parse({ base: 'six', ...more }) });
  expect([of({}), of({ headOnly: true }), of({ lora: 8 })].map(canContinue)).toEqual([true, false, false]);
});
