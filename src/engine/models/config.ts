/** Reading fields of a config.json: a missing or impossible one is an error that names it. */
import { ThawError } from '../../shared/errors.ts';
import type { Activation } from './family.ts';

type Json = Record<string, unknown>;
const wrong = (field: string, expected: string, value: unknown) =>
  new ThawError({
    code: 'not_a_model',
    message: `config.json gives ${JSON.stringify(value) ?? 'nothing'} as ${field}, where ${expected} is expected.`,
    remedy: 'Choose another base model, or restore its config.json.',
    place: { field },
  });

export function number(json: Json, field: string, missing?: number): number {
  const value = json[field] ?? missing;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(field, 'a number', value);
  return value;
}
export function count(json: Json, field: string, missing?: number): number {
  const value = number(json, field, missing);
  if (!Number.isInteger(value) || value < 1) throw wrong(field, 'a whole number above 0', value);
  return value;
}
/** A probability below 1. */
export function share(json: Json, field: string, missing: number): number {
  const value = number(json, field, missing);
  if (value < 0 || value >= 1) throw wrong(field, 'a number from 0 to below 1', value);
  return value;
}
const ACTIVATIONS: Record<string, Activation> = { gelu: 'gelu', gelu_new: 'gelu_new', gelu_pytorch_tanh: 'gelu_new', relu: 'relu' };
export function activation(json: Json, field: string): Activation {
  const value = (json[field] ?? 'gelu') as string;
  const known = ACTIVATIONS[value];
  if (known) return known;
  const message = `The activation ${JSON.stringify(value)} is not supported. Supported: ${Object.keys(ACTIVATIONS).join(', ')}.`;
  throw new ThawError({ code: 'unsupported_model', message, remedy: 'Choose another base model.', place: { field } });
}
/** Throws `unsupported_model` where a field has a value that is not one of those supported; the first is what a missing field stands for. */
export function refuse(json: Json, field: string, supported: unknown[]): void {
  const value = json[field] ?? supported[0];
  if (supported.some((known) => JSON.stringify(known) === JSON.stringify(value))) return;
  const message = `A model with ${field} ${JSON.stringify(value)} is not supported. Supported: ${supported.map((known) => JSON.stringify(known)).join(', ')}.`;
  throw new ThawError({ code: 'unsupported_model', message, remedy: 'Choose another base model.', place: { field } });
}
