/** The machine's devices, asked for once. */
import type { Device } from '../../../shared/domain.ts';
import { api } from '../api.ts';

class Devices {
  list = $state<Device[]>([]);

  constructor() {
    // The line in the rail is a courtesy: without an answer it stays away.
    api.devices.list().then(
      (list) => (this.list = list),
      () => {},
    );
  }

  /** The device a run uses unless told otherwise. */
  get best(): Device | null {
    return this.list.find((device) => device.kind === 'cpu' && device.available) ?? null;
  }
}

export const devices = new Devices();
