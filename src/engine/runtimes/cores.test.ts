import { expect, it } from 'vitest';
import { physicalCores } from './cores.ts';

const processor = (socket: number, core: number) => `model name\t: X\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;

it('counts a core with two hyper-threads once', () => {
  expect(physicalCores([processor(0, 0), processor(0, 1), processor(0, 0), processor(0, 1)].join('\n'), 4)).toBe(2);
});
it('counts cores of two sockets', () => {
  expect(physicalCores([processor(0, 0), processor(1, 0)].join('\n'), 8)).toBe(2);
});
it('never exceeds what this process may use', () => {
  expect(physicalCores([processor(0, 0), processor(0, 1)].join('\n'), 1)).toBe(1);
});
it('falls back to the processors where cores are not listed', () => {
  expect(physicalCores('', 6)).toBe(6);
});
