/** Which overlay is open: one at most. */
type Overlay = 'palette' | 'keyboard';

class Overlays {
  now = $state<Overlay | null>(null);

  open(overlay: Overlay | null): void {
    this.now = overlay;
  }
}

export const overlays = new Overlays();
