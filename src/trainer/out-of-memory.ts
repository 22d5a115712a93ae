/** Memory that ran out, in the words of those whom it ran out on. */
import { ThawError } from '../shared/errors.ts';

/** C++'s std::bad_alloc, ONNX Runtime's arenas, V8's heap and pages of code, buffers and WebAssembly memories, Rust's allocator (tokenizers), libc. */
const words =
  /bad_alloc|bad allocation|failed to allocate|(cannot|could not|couldn't) allocate|allocation failed|memory allocation of \d+ bytes failed|SetPermissions\(|out of memory|not enough memory|ENOMEM/i;

export const saysOutOfMemory = (text: string): boolean => words.test(text);

/** What to do: all that a step's memory grows with. */
export const memoryRemedy =
  'Try a smaller batch size (with gradient accumulation, a step sees as many texts), a smaller maximum length, or freeze more layers.';

/** What could not be had, without the places in the code that ONNX Runtime names. */
export function whatWasMissing(text: string): string {
  const bytes = /requested buffer of size (\d+)/.exec(text)?.[1];
  return bytes === undefined ? text.replace(/\s+/g, ' ').trim() : `another ${(Number(bytes) / 2 ** 20).toFixed(1)} MB could not be had.`;
}

export const outOfMemory = (message: string): ThawError => new ThawError({ code: 'out_of_memory', message, remedy: memoryRemedy });
