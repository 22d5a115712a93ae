/** The machine's devices. Finding them measures each, so it waits for the first who needs the list. */
import type { Device } from '../../../shared/domain.ts';
import { api } from '../api.ts';

class Devices {
  #list = $state<Device[]>([]);
  #asked = false;

  /** Empty until the host has answered. */
  get list(): Device[] {
    this.#ask();
    return this.#list;
  }

  /** The device a run uses unless told otherwise, once the list is here. */
  get best(): Device | null {
    return this.#list.find((device) => device.kind === 'cpu' && device.available) ?? null;
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    api.devices.list().then(
      (list) => (this.#list = list),
      () => (this.#asked = false),
    );
  }
}

export const devices = new Devices();
