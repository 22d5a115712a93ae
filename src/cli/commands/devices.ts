import type { Command } from 'commander';
import { runJob } from '../../main/services/trainer.ts';
import { report, table } from '../output.ts';

export function registerDevices(program: Command): void {
  program
    .command('devices')
    .description('list what this machine can train on')
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { json?: boolean }) => {
      const { devices } = await runJob<'devices'>({ type: 'devices' });
      const rows = devices.map(({ id, name, available, reason, gflops }) => [
        id,
        name,
        available ? 'available' : (reason ?? 'not available'),
        gflops ? `${gflops.toFixed(0)} GFLOP/s` : '',
      ]);
      report(json, { devices }, table(rows));
    });
}
