/** The figures as a table of plain text. */

export interface Row {
  work: string;
  thaw: string;
  pytorch: string;
  /** Thaw's share or its distance, in words. */
  relation: string;
  /** What it has to reach; empty where this form of the benchmark cannot say. */
  target: string;
  met: boolean | null;
}

const HEAD = ['work', 'Thaw', 'PyTorch', 'Thaw / PyTorch', 'target', ''];

export function tableOf(rows: Row[]): string {
  const lines = [
    HEAD,
    ...rows.map(({ work, thaw, pytorch, relation, target, met }) => [
      work,
      thaw,
      pytorch,
      relation,
      target,
      met === null ? '' : met ? 'met' : 'MISSED',
    ]),
  ];
  return aligned(lines);
}

/** Lines of cells, the first column to the left, the others to the right. */
export function aligned(lines: string[][]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '))
    .join('\n');
}

/** `less`: Thaw needs at most `limit` times what PyTorch needs. */
export function ratioRow(work: string, unit: string, thaw: number, pytorch: number, limit: number): Row {
  const show = (value: number) => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
  const ratio = thaw / pytorch;
  return { work, thaw: show(thaw), pytorch: show(pytorch), relation: `${ratio.toFixed(2)}×`, target: `≤ ${limit}×`, met: ratio <= limit };
}

/** `judged` false: too short a training for its result to mean anything. */
export function scoreRow(work: string, thaw: number, pytorch: number, judged: boolean): Row {
  const difference = 100 * (thaw - pytorch);
  const show = (value: number) => `${(100 * value).toFixed(2)} %`;
  const relation = `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(2)} points`;
  return {
    work,
    thaw: show(thaw),
    pytorch: show(pytorch),
    relation,
    target: judged ? '≥ −0.5 points' : '',
    met: judged ? difference >= -0.5 : null,
  };
}

/** Thaw does at least `least` times as many examples a second. */
export function speedRow(work: string, thaw: number, pytorch: number, least: number): Row {
  const show = (value: number) => `${value.toFixed(1)} ex/s`;
  const ratio = thaw / pytorch;
  return { work, thaw: show(thaw), pytorch: show(pytorch), relation: `${ratio.toFixed(2)}×`, target: `≥ ${least}×`, met: ratio >= least };
}

/** A figure of Thaw alone. */
export function limitRow(work: string, unit: string, value: number, limit: number): Row {
  const show = (figure: number) => `${figure.toFixed(1)} ${unit}`;
  return { work, thaw: show(value), pytorch: '', relation: '', target: `≤ ${limit} ${unit}`, met: value <= limit };
}

/** How quickly each side multiplies matrices on this machine: what no trainer's step can pass. */
export function rateRow(work: string, thaw: number, pytorch: number): Row {
  const show = (value: number) => `${value} GFLOP/s`;
  return { work, thaw: show(thaw), pytorch: show(pytorch), relation: `${(thaw / pytorch).toFixed(2)}×`, target: '', met: null };
}
