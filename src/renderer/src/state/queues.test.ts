import { expect, it } from 'vitest';
import type { Example } from '../../../shared/domain.ts';
import { NextExample } from './queues.ts';

const example = { id: 7 } as Example;

it('the next example is asked for once, ahead of its need', async () => {
  let asked = 0;
  const next = new NextExample();
  next.prepare(async () => (asked++, example));
  expect(asked).toBe(1);
  expect(await next.take()).toBe(example);
  expect(asked).toBe(1);
});

it('a failure ahead is not kept: each need asks again until there is an answer', async () => {
  const answers = [new Error('ahead'), new Error('then'), null];
  const next = new NextExample();
  next.prepare(async () => {
    const answer = answers.shift();
    if (answer) throw answer;
    return example;
  });
  await expect(next.take()).rejects.toThrow('then');
  expect(await next.take()).toBe(example);
});
