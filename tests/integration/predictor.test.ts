/** A run's model that stays open for the next text. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { runConfigurationSchema } from '../../src/shared/domain.ts';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { predictWithRun } from '../../src/main/services/predict.ts';
import { RunPredictor } from '../../src/main/services/run-predictor.ts';
import { openRuns } from '../../src/main/services/runs.ts';
import { childrenOf, fixture, sentiment, temporaryFolder } from './thaw.ts';

let folder: string;
let project: Project;
let ids: string[];
const opened: RunPredictor[] = [];
const trainers = (): number[] => childrenOf(process.pid);

function predictor(idleMs?: number): RunPredictor {
  const made = new RunPredictor(project, idleMs);
  opened.push(made);
  return made;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  project = await openProject(path.join(folder, 'project'), { create: { task: 'classification', name: 'Test' } });
  await project.importFile({ file: await sentiment(folder, 120) });
  const runs = openRuns(project);
  const configuration = runConfigurationSchema.parse({ base: fixture('bert'), maxLength: 64, threads: 1, epochs: 1, learningRate: 1e-3 });
  const started = [
    await runs.start({ name: 'a', configuration }),
    await runs.start({ name: 'b', configuration: { ...configuration, seed: 2 } }),
  ];
  ids = started.map(({ run }) => run);
  for (const id of ids) expect((await runs.finished(id)).status).toBe('finished');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(async () => {
  await project.close();
  await fs.rm(folder, { recursive: true, force: true });
});

const text = 'a fine film';

it('answers as a process of its own does, and the next text in the same process', async () => {
  const kept = predictor();
  const expected = await predictWithRun(project, ids[0], [text]);
  expect(await kept.predict(ids[0], [text])).toEqual(expected);
  await expect.poll(trainers).toHaveLength(1);
  const first = trainers();
  expect(await kept.predict(ids[0], [text])).toEqual(expected);
  expect(trainers()).toEqual(first);
});

it('answers questions that come at the same time, of two runs', async () => {
  const kept = predictor();
  const answers = await Promise.all([...ids, ...ids].map((id) => kept.predict(id, [text])));
  expect(answers[2]).toEqual(answers[0]);
  expect(answers[3]).toEqual(answers[1]);
  expect(answers[1][0].logits).not.toEqual(answers[0][0].logits);
  expect(trainers()).toHaveLength(1);
});

it('ends its process when nothing is asked for a while, and when it is closed', async () => {
  const impatient = predictor(1);
  await impatient.predict(ids[0], [text]);
  await expect.poll(trainers).toEqual([]);

  const kept = predictor();
  await kept.predict(ids[0], [text]);
  await kept.close();
  expect(trainers()).toEqual([]);
  await expect(kept.predict(ids[0], [text])).rejects.toMatchObject({ code: 'cancelled' });
});

it('is closed while it answers', async () => {
  const kept = predictor();
  const waiting = kept.predict(ids[0], [text]);
  await Promise.all([
    expect(waiting).rejects.toMatchObject({ code: 'cancelled' }),
    expect
      .poll(trainers)
      .toHaveLength(1)
      .then(() => kept.close()),
  ]);
  expect(trainers()).toEqual([]);
});

it('opens the model again after its process was killed or reported a failure', async () => {
  const kept = predictor();
  const [first] = await kept.predict(ids[0], [text]);
  process.kill(trainers()[0], 'SIGKILL');
  const again = await kept.predict(ids[0], [text]).catch(() => kept.predict(ids[0], [text]));
  expect(again).toEqual([first]);

  const file = path.join(project.runDirectory(ids[1]), 'best.safetensors');
  await fs.rename(file, `${file}.away`);
  await expect(kept.predict(ids[1], [text])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('no best checkpoint'),
  });
  await fs.rename(`${file}.away`, file);
  expect((await kept.predict(ids[1], [text]))[0].text).toBe(text);
});
