/** Where the app is, following the address bar. */
import { parseRoute, type Route } from '../../shared/routes.ts';

export { pathTo, queueNames, settingsPath, type LabelPlace, type QueueName, type Route, type Screen } from '../../shared/routes.ts';

class Router {
  route = $state<Route>(parseRoute(location.hash));

  constructor() {
    window.addEventListener('hashchange', () => (this.route = parseRoute(location.hash)));
  }

  /** The open project's folder, or null outside one. */
  get folder(): string | null {
    return 'folder' in this.route ? this.route.folder : null;
  }

  go(path: string): void {
    location.hash = path;
  }

  /** Puts an address in place of the present one, without going there: for whoever comes back. */
  remember(path: string): void {
    history.replaceState(null, '', path);
  }
}

export const router = new Router();
