/** Wilson's 95 % interval of a share seen in `n` independent trials (Wilson 1927, eq. 4). */
export function wilsonInterval(share: number, n: number): [low: number, high: number] {
  const z = 1.959964;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
