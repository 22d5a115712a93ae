import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../shared/domain.ts';
import { EventHistory, largestReplay, LiveRun } from './live-run.ts';

const step = (number: number): RunEvent => ({
  type: 'step',
  run: 'r1',
  step: number,
  totalSteps: 9,
  loss: 1,
  learningRate: 1,
  tokens: 1,
  ms: 1,
});
const phase: RunEvent = { type: 'phase', run: 'r1', phase: 'training' };

describe('EventHistory', () => {
  it('keeps every event of a short run in order', () => {
    const history = new EventHistory();
    for (const event of [phase, step(1), step(2), phase]) history.add(event);
    expect(history.events()).toEqual([phase, step(1), step(2), phase]);
  });
  it('thins the steps of a long run evenly and keeps the rest', () => {
    const history = new EventHistory();
    history.add(phase);
    for (let number = 1; number <= 10_000; number++) history.add(step(number));
    const kept = history.events();
    const steps = kept.flatMap((event) => (event.type === 'step' ? [event.step] : []));
    expect(kept[0]).toEqual(phase);
    expect(steps.length).toBeLessThanOrEqual(largestReplay);
    expect(steps.length).toBeGreaterThan(largestReplay / 2);
    expect(new Set(steps.slice(1).map((number, index) => number - steps[index])).size).toBe(1);
  });
});

describe('LiveRun', () => {
  it('replays the past, then follows, then ends', async () => {
    const run = new LiveRun();
    run.tell(step(1));
    const seen: RunEvent[] = [];
    const watching = (async () => {
      for await (const event of run.watch()) seen.push(event);
    })();
    run.tell(step(2));
    run.end();
    await watching;
    expect(seen).toEqual([step(1), step(2)]);
  });
});
