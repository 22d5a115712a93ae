import { describe, expect, it } from 'vitest';
import { deathOf } from './death.ts';

const death = { code: null, signal: null, said: '', oomKill: false };

describe('a trainer that ran out of memory', () => {
  it.each([
    ['V8', { code: null, signal: 'SIGABRT', said: '<--- Last few GCs --->\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' }], // prettier-ignore
    ['C++', { code: null, signal: 'SIGABRT', said: "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc" }], // prettier-ignore
    ['libc', { code: 1, signal: null, said: 'node: cannot allocate memory for thread-local data: ABORT' }],
    ['Linux', { code: null, signal: 'SIGKILL', oomKill: true }],
  ])('%s says it: the reason is memory, and what to do is named', (_, given) => {
    const error = deathOf({ ...death, ...given });
    expect(error).toMatchObject({ code: 'out_of_memory', message: expect.stringMatching(/memory/) });
    expect(error.remedy).toMatch(/batch size.*gradient accumulation.*maximum length.*freeze/);
  });
  it('nobody says it: SIGKILL may mean it', () => {
    const error = deathOf({ ...death, signal: 'SIGKILL' });
    expect(error).toMatchObject({ code: 'trainer_died', message: expect.stringMatching(/SIGKILL, possibly because .*out of memory/) });
    expect(error.remedy).toMatch(/batch size/);
  });
});

it('any other death is told by its signal or its last words', () => {
  expect(deathOf({ ...death, signal: 'SIGSEGV' }).message).toBe('The trainer process was killed by signal SIGSEGV.');
  expect(deathOf({ ...death, code: 7, said: 'first\nlast words' }).message).toBe('The trainer process ended with code 7: last words.');
});
