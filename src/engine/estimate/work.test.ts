import path from 'node:path';
import { expect, it } from 'vitest';
import { architectureOf } from '../models/base.ts';
import { gradientGraph, logitsGraph } from '../models/graphs.ts';
import { parametersOf } from '../models/parameters.ts';
import { growthOf, workAt } from './work.ts';

const architecture = architectureOf(path.resolve(import.meta.dirname, '../../../resources/models/all-MiniLM-L6-v2'));
const specification = { ...architecture, head: 'token' as const, classes: 5 };
const { hidden: H, inner: F, layers } = architecture.config;
const [batch, length] = [16, 128];

/** Kaplan et al. 2020, Scaling Laws for Neural Language Models, table 1: 2 operations for each weight and token, and attention's own products. */
const forward = batch * length * (layers * (2 * (4 * H * H + 2 * H * F) + 4 * length * H) + 2 * H * 5);

it('counts the operations of matrix products as the textbook does', () => {
  const { graph, outputs } = logitsGraph(specification, 'fused');
  expect(workAt(growthOf(graph.program(outputs)), batch, length).operations).toBe(forward);
});

it('finds twice as much backward as forward, and no more', () => {
  const parameters = parametersOf(architecture.family, architecture.config, 'token', 5);
  const { graph, outputs } = gradientGraph(specification, parameters, 'fused');
  const { operations } = workAt(growthOf(graph.program(outputs)), batch, length);
  expect(operations / forward).toBeGreaterThan(2.99);
  expect(operations / forward).toBeLessThan(3.01);
});

it('grows with the batch, and faster with the length', () => {
  const { graph, outputs } = logitsGraph(specification, 'fused');
  const growth = growthOf(graph.program(outputs));
  const at = (texts: number, tokens: number) => workAt(growth, texts, tokens);
  expect(at(32, 128).operations).toBe(2 * at(16, 128).operations);
  expect(at(16, 256).operations).toBeGreaterThan(2 * at(16, 128).operations);
  expect(at(16, 256).nodes).toBe(at(16, 128).nodes);
});
