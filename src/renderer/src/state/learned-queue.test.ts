import { expect, it } from 'vitest';
import type { Example } from '../../../shared/domain.ts';
import type { QueueRequest } from '../../../shared/learning.ts';
import type { Api } from '../api.ts';
import { LearnedQueue } from './learned-queue.ts';

/** A host whose queue gives the open ids of a list in its order, 5 at a time, those divisible by ten as drawn at random. */
function host(order: number[]) {
  const labeled = new Set<number>();
  const asked: QueueRequest[] = [];
  const get = async ({ id }: { id: number }): Promise<Example> =>
    ({ id, annotation: { label: labeled.has(id) ? 'A' : null, spans: null }, skipped: false }) as Example;
  const queue = async (request: QueueRequest) => {
    asked.push(request);
    const open = host.order.filter((id) => !labeled.has(id) && !request.leaveOut.includes(id));
    return { entries: open.slice(0, 5).map((id) => ({ id, value: id, drawnAtRandom: id % 10 === 0 })), total: open.length };
  };
  const host = { order, labeled, asked, api: { labels: { get }, learning: { queue } } as unknown as Api };
  return host;
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

it('goes through the queue, each text once, and back over what was seen', async () => {
  const { api, labeled } = host([3, 1, 10, 2]);
  const queue = new LearnedQueue(api, '/p', 'uncertain');
  const seen: number[] = [];
  for (let example = await queue.first(); example; example = await queue.later(example)) {
    seen.push(example.id);
    labeled.add(example.id);
    await settled();
  }
  expect(seen).toEqual([3, 1, 10, 2]);
  expect(queue.entry(10)?.drawnAtRandom).toBe(true);
  expect(queue.entry(1)).toMatchObject({ value: 1, drawnAtRandom: false });
  expect((await queue.earlier({ id: 2 } as Example))?.id).toBe(10);
  expect((await queue.later({ id: 3 } as Example))?.id).toBe(1);
});

it('gives one drawn at random in ten, however the host’s answers overlap and change', async () => {
  const at = host([]);
  // The third text of each answer was drawn, none of them the same.
  at.api.learning.queue = (async ({ leaveOut }: QueueRequest) => {
    const from = 100 * leaveOut.length;
    return { entries: Array.from({ length: 20 }, (_, n) => ({ id: from + n, value: null, drawnAtRandom: n === 2 })), total: 20 };
  }) as unknown as Api['learning']['queue'];
  const queue = new LearnedQueue(at.api, '/p', 'uncertain');
  const drawn: number[] = [];
  let example = (await queue.first())!;
  for (let place = 0; place < 45; place++) {
    if (queue.entry(example.id)!.drawnAtRandom) drawn.push(place);
    at.labeled.add(example.id);
    example = (await queue.later(example))!;
    if (place % 3 === 0) await settled();
  }
  expect(drawn).toEqual([2, 12, 22, 32, 42]);
});

it('follows an order that labels have changed, but for the next text; nothing on screen or passed over comes again', async () => {
  const at = host([1, 2, 3, 4, 5, 6]);
  const queue = new LearnedQueue(at.api, '/p', 'uncertain');
  const first = (await queue.first())!;
  at.order.reverse();
  const second = (await queue.later(first))!;
  await settled();
  expect(second.id).toBe(2);
  expect(at.asked.at(-1)?.leaveOut).toEqual([1, 2]);
  // The first was passed over: it has no label, and yet it is not what follows.
  expect((await queue.later(second))!.id).toBe(6);
});

it('begins again with what was passed over once nothing else is left', async () => {
  const { api } = host([1, 2]);
  const queue = new LearnedQueue(api, '/p', 'random');
  const first = (await queue.first())!;
  const second = (await queue.later(first))!;
  expect(await queue.later(second)).toBeNull();
  expect((await queue.first())?.id).toBe(1);
});

it('leaves out what was labeled elsewhere since it was asked for', async () => {
  const { api, labeled } = host([1, 2, 3]);
  const queue = new LearnedQueue(api, '/p', 'random');
  const first = (await queue.first())!;
  labeled.add(2);
  expect((await queue.later(first))!.id).toBe(3);
});
