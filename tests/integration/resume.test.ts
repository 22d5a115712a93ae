/** A run that was killed and resumed ends with the weights of one that never was. With THAW_KILLS it is killed at all points, else at a few. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run, RunFigures } from '../../src/shared/domain.ts';
import { readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { openProject } from '../../src/main/database/index.ts';
import { killAt, type KillPoint } from './kill-switch.ts';
import { entities, fixture, sentiment, temporaryFolder, thaw, thawJson } from './thaw.ts';

type Trained = RunFigures & Pick<Run, 'run' | 'validation' | 'test'>;

let folder: string;
beforeAll(async () => void (folder = await temporaryFolder()));
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

const kinds = {
  classification: ['--patience', '2', '--epochs', '8', '--accumulate', '2', '--batch-size', '8'],
  multilabel: ['--gradual', '--epochs', '4'],
  ner: ['--freeze', 'embeddings,0', '--epochs', '3'],
  adapters: ['--lora', '4', '--epochs', '3'],
  anew: ['--reinit-top', '1', '--layer-decay', '0.9', '--epochs', '3'],
};
type Kind = keyof typeof kinds;
const taskOf = (kind: Kind) => (kind === 'multilabel' || kind === 'ner' ? kind : 'classification');

async function several(): Promise<string> {
  const signs = ['the battery is good', 'the food is bad', 'a film to see'];
  const rows = Array.from({ length: 120 }, (_, index) => {
    const labels = ['battery', 'food', 'film'].filter((_, at) => (index >> at) % 2 === 1);
    return JSON.stringify({ text: [`number ${index}`, ...signs.filter((_, at) => (index >> at) % 2 === 1)].join(', '), labels });
  });
  const file = path.join(folder, 'several.jsonl');
  await fs.writeFile(file, rows.join('\n'));
  return file;
}

interface Prepared {
  project: string;
  /** The run that nothing interrupted. */
  whole: Trained;
}
const prepared = new Map<Kind, Promise<Prepared>>();

async function prepare(kind: Kind): Promise<Prepared> {
  const project = path.join(folder, kind);
  const task = taskOf(kind);
  const file = { classification: () => sentiment(folder, 120), multilabel: several, ner: () => entities(folder, 100) }[task];
  await thawJson('import', await file(), '--project', project, '--task', task);
  return { project, whole: await thawJson<Trained>(...training(kind, project)) };
}
/** Once for each kind, when a test needs it. */
function preparedOf(kind: Kind): Promise<Prepared> {
  const known = prepared.get(kind) ?? prepare(kind);
  prepared.set(kind, known);
  return known;
}

/** A checkpoint after every step. */
const training = (kind: Kind, project: string) => {
  const fixed = ['--base', fixture('bert'), '--max-length', '48', '--threads', '1', '--lr', '2e-3', '--dropout', '0.1'];
  return ['train', '--project', project, ...fixed, '--checkpoint-minutes', '1e-9', ...kinds[kind]] as const;
};

/** SHA-256 of the tensors of a checkpoint. */
async function weights(project: string, run: string, checkpoint: 'best' | 'last'): Promise<string> {
  const stored = readSafetensors(path.join(project, 'runs', run, `${checkpoint}.safetensors`));
  const digest = createHash('sha256');
  for (const name of stored.names) digest.update(name).update(new Uint8Array(stored.read(name).data.buffer));
  return digest.digest('hex');
}

/** SHA-256 of the model.safetensors that `export` writes. */
async function exported(project: string, run: string, checkpoint: 'best' | 'last'): Promise<string> {
  const output = path.join(folder, `exported-${run}-${checkpoint}-${Math.random()}`);
  await thawJson('export', run, '--project', project, '--format', 'huggingface', '--checkpoint', checkpoint, '--output', output);
  const hash = createHash('sha256').update(await fs.readFile(path.join(output, 'model.safetensors')));
  await fs.rm(output, { recursive: true });
  return hash.digest('hex');
}

async function runsOf(folder: string): Promise<Run[]> {
  const project = await openProject(folder, { readonly: true });
  try {
    return await project.runs();
  } finally {
    await project.close();
  }
}

/** Runs a command whose trainer is killed at the point; the run it was about. */
async function killed(args: readonly string[], project: string, point: KillPoint, whole: boolean): Promise<Run> {
  const { code, errors } = await thaw([...args], { environment: killAt(point, whole), detached: true });
  // A host that is killed with its trainer has no exit code; one that is not says what happened.
  if (whole) expect(code).toBeNull();
  else expect({ code, errors }).toMatchObject({ code: 1, errors: expect.stringContaining('SIGKILL') });
  const run = (await runsOf(project)).at(-1) as Run;
  expect(run.status).toBe(whole ? 'interrupted' : 'failed');
  return run;
}

/** All but what depends on the clock. */
const comparable = ({
  run: _,
  trainSeconds,
  prepareSeconds,
  validationSeconds,
  checkpointSeconds,
  examplesPerSecond,
  ...rest
}: Trained) => {
  for (const seconds of [trainSeconds, prepareSeconds, validationSeconds, checkpointSeconds]) expect(seconds).toBeGreaterThan(0);
  expect(examplesPerSecond).toBeGreaterThan(0);
  return { ...rest, peakMemoryMB: null };
};

async function expectSame(kind: Kind, resumed: Trained): Promise<void> {
  const { project, whole } = await preparedOf(kind);
  expect(comparable(resumed)).toEqual(comparable(whole));
  for (const checkpoint of ['best', 'last'] as const)
    expect(await weights(project, resumed.run, checkpoint)).toBe(await weights(project, whole.run, checkpoint));
  const [one, other] = [resumed, whole].map(async ({ run }) => (await runsOf(project)).find((known) => known.run === run)?.epochs);
  expect(await one).toEqual(await other);
  expect((await fs.readdir(path.join(project, 'runs', resumed.run))).sort()).toEqual([
    'best.safetensors',
    'events.json',
    'last.safetensors',
    'origin.json',
  ]);
}

const points: [point: KillPoint, scope: 'trainer' | 'group', kind: Kind][] = [
  ['phase preparing 1', 'group', 'ner'],
  ['step 1', 'trainer', 'classification'],
  ['write 1', 'group', 'classification'],
  ['flush 2', 'trainer', 'ner'],
  ['rename 2', 'group', 'multilabel'],
  ['renamed 2', 'trainer', 'classification'],
  ['rename 3', 'trainer', 'ner'],
  ['renamed 4', 'group', 'classification'],
  ['step 7', 'group', 'multilabel'],
  ['write 7', 'trainer', 'multilabel'],
  ['within validating 1', 'trainer', 'ner'],
  ['phase validating 2', 'group', 'classification'],
  ['phase saving 9', 'trainer', 'classification'],
  ['renamed 11', 'group', 'ner'],
  ['renamed 12', 'trainer', 'multilabel'],
  ['rename 13', 'group', 'classification'],
  ['step 13', 'trainer', 'ner'],
  ['phase testing 1', 'group', 'multilabel'],
  ['within testing 1', 'trainer', 'classification'],
  ['result 1', 'group', 'ner'],
];

function killEach() {
  it.each(points)('%s, %s, %s', async (point, scope, kind) => {
    const { project, whole } = await preparedOf(kind);
    const { run } = await killed(training(kind, project), project, point, scope === 'group');
    const resumed = await thawJson<Trained>('train', '--project', project, '--resume', run);
    await expectSame(kind, resumed);
    for (const checkpoint of ['best', 'last'] as const)
      expect(await exported(project, run, checkpoint)).toBe(await exported(project, whole.run, checkpoint));
  });
}
if (process.env.THAW_KILLS) describe('one kill a run', killEach);

it('a run that is killed again and again, by itself and with its host, ends as one that never was', async () => {
  const kind = 'classification';
  const { project } = await preparedOf(kind);
  const { run } = await killed(training(kind, project), project, 'write 3', true);
  const resume = ['train', '--project', project, '--resume', run];
  for (const [point, alone] of [
    ['rename 4', false],
    ['within testing 1', true],
  ] as const)
    expect((await killed(resume, project, point, alone)).run).toBe(run);
  const resumed = await thawJson<Trained>(...resume);
  await expectSame(kind, resumed);
});

const others = process.env.THAW_KILLS ? (['adapters', 'anew'] as const) : (['adapters'] as const);
it.each(others)('a run with %s that is killed and resumed ends as one that never was', async (kind) => {
  const { project } = await preparedOf(kind);
  const { run } = await killed(training(kind, project), project, 'rename 5', false);
  await expectSame(kind, await thawJson<Trained>('train', '--project', project, '--resume', run));
});

it('a run that diverges keeps its last good checkpoint, which predicts and is exported', async () => {
  const { project } = await preparedOf('classification');
  const input = 'a fine film\n';
  // The head learns as good as nothing; in the second epoch the top layer is thawed, and its weights are a hundred powers of ten too large.
  const rates = ['--gradual', '--weight-decay', '1e30', '--lr', '1e-3', '--lr-scale', 'head=1e-30,2=1000'];
  const fixed = ['train', '--project', project, '--base', fixture('bert'), '--max-length', '48', '--threads', '1', '--epochs', '4'];
  const { code, errors } = await thaw([...fixed, ...rates]);
  expect(code).toBe(1);
  expect(errors).toMatch(/error: Run r\d+ failed: Training diverged at step \d+, learning rate \S+: .*Try a learning rate ten times lower/);
  const { run, status, epochs } = (await runsOf(project)).at(-1) as Run;
  expect({ status, epochs: epochs.length }).toEqual({ status: 'failed', epochs: 1 });

  expect(await exported(project, run, 'last')).toMatch(/^[0-9a-f]{64}$/);
  const { output } = await thaw(['predict', '--project', project, '--run', run, '--checkpoint', 'last', '--input', '-'], { input });
  const { logits } = JSON.parse(output) as { logits: number[] };
  expect(logits.every(Number.isFinite)).toBe(true);
});

it('a run that stopped before it had a checkpoint says so when it is exported', async () => {
  const { project } = await preparedOf('classification');
  const { run } = await killed(training('classification', project), project, 'phase training 1', false);
  const output = path.join(folder, 'nothing');
  const { code, errors } = await thaw([
    'export',
    run,
    '--project',
    project,
    '--format',
    'onnx',
    '--checkpoint',
    'last',
    '--output',
    output,
  ]);
  expect({ code, errors }).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/no last checkpoint\..*It has one once.*resume it, or train again\./),
  });
  expect((await fs.readdir(folder)).filter((name) => name.startsWith('nothing'))).toEqual([]);
});
