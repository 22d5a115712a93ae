/** How the figures of runs are written: units, signs, real minus; and the arithmetic of scales. */
import { count } from '../components/words.ts';

/** 3.70 M, 22.7 M, 12 k, 812 */
export function compact(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(n >= 1e7 ? 1 : 2)} M`;
  if (n >= 1e4) return `${Math.round(n / 1e3)} k`;
  return count(n);
}

/** A share in [0, 1] as `87.6 %`, which does not break over lines. */
export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)}\u00a0%`;

/** A difference of shares in points, with its sign and a real minus: `+1.9`, `−0.4`, `0.0`. */
export function points(difference: number): string {
  const value = (difference * 100).toFixed(1);
  if (Number(value) === 0) return '0.0';
  return difference > 0 ? `+${value}` : `−${value.slice(1)}`;
}

/** 5e-5, 0.01, 1e-3: the way people type it. */
export function scientific(n: number): string {
  if (n === 0) return '0';
  return n >= 0.01 && n < 1e4
    ? String(Number(n.toPrecision(4)))
    : n
        .toExponential(2)
        .replace(/\.?0+e/, 'e')
        .replace('e+', 'e');
}

/** MiB as `940 MB`, `1.4 GB`. */
export const megabytes = (value: number): string => (value < 1000 ? `${Math.round(value)} MB` : `${(value / 1024).toFixed(1)} GB`);

/** 0.8 s, 42 s, 3 min 5 s, 2 h 10 min */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [big, small, units] =
    whole < 3600
      ? [Math.floor(whole / 60), whole % 60, ['min', 's']]
      : [Math.floor(whole / 3600), Math.round((whole % 3600) / 60), ['h', 'min']];
  return small ? `${big} ${units[0]} ${small} ${units[1]}` : `${big} ${units[0]}`;
}

/** Round tick values that cover [low, high] in about `wanted` steps. */
export function ticks(low: number, high: number, wanted = 5): number[] {
  const raw = (high - low || 1) / wanted;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * magnitude).find((s) => s >= raw * 0.999) ?? raw;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
