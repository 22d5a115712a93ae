/**
 * Stands in for the module `electron` under the built main process, which runs in a plain Node: does nothing of its own, tells the test
 * over the process's channel what it was asked for, and plays the page and the person as the test says. Loaded by electron.test.ts.
 */
import { EventEmitter, once } from 'node:events';
import { registerHooks } from 'node:module';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** What the test says. */
export type Command =
  | { do: 'hand over a port'; url: string }
  | { do: 'call'; data: unknown }
  | { do: 'navigate' | 'attach a webview' }
  | { do: 'open a window'; url: string }
  | { do: 'fetch'; url: string }
  | { do: 'ask permission'; permission: string }
  | { do: 'quit' };

/** What it hears. */
export type Told =
  | { told: 'privileged schemes'; schemes: unknown }
  | { told: 'window'; options: { webPreferences: Record<string, unknown> } }
  | { told: 'loaded'; url: string }
  | { told: 'answered'; answer: unknown }
  | { told: 'data'; data: unknown };

const tell = (told: Told): void => void process.send?.(told);
const answered = (answer: unknown): void => tell({ told: 'answered', answer });

/** Electron's MessagePortMain over Node's port: it emits `message` with an event that has `data`. */
class MessagePortMain extends EventEmitter {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    super();
    this.#port = port;
    port.on('close', () => this.emit('close'));
  }
  start(): void {
    this.#port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }));
  }
  postMessage(data: unknown): void {
    this.#port.postMessage(data);
  }
}

class WebContents extends EventEmitter {
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });

  setWindowOpenHandler(handler: WebContents['openHandler']): void {
    this.openHandler = handler;
  }
}

class BrowserWindow extends EventEmitter {
  static last: BrowserWindow;
  readonly webContents = new WebContents();

  constructor(options: Extract<Told, { told: 'window' }>['options']) {
    super();
    BrowserWindow.last = this;
    tell({ told: 'window', options });
  }
  async loadURL(url: string): Promise<void> {
    tell({ told: 'loaded', url });
  }
  show(): void {}
  isDestroyed(): boolean {
    return false;
  }
}

/** Whether a listener forbade what the event stands for. */
function isPrevented(emitter: EventEmitter, name: string): boolean {
  let prevented = false;
  emitter.emit(name, { preventDefault: () => (prevented = true) });
  return prevented;
}

class App extends EventEmitter {
  requestSingleInstanceLock = (): boolean => process.env.DOUBLE_LOCK !== 'taken';

  async whenReady(): Promise<void> {}
  quit(): void {
    if (!isPrevented(this, 'before-quit')) process.exit(0);
  }
}

const opened: string[] = [];
let serve: (request: Request) => Promise<Response>;
let answerPermission: (contents: null, permission: string, answer: (granted: boolean) => void) => void;

const electron = {
  app: new App(),
  BrowserWindow,
  ipcMain: new EventEmitter(),
  protocol: {
    registerSchemesAsPrivileged: (schemes: unknown) => tell({ told: 'privileged schemes', schemes }),
    handle: (_scheme: string, handler: typeof serve) => void (serve = handler),
  },
  session: { defaultSession: { setPermissionRequestHandler: (handler: typeof answerPermission) => void (answerPermission = handler) } },
  dialog: { showOpenDialog: async () => ({ canceled: !process.env.DOUBLE_FOLDER, filePaths: [process.env.DOUBLE_FOLDER] }) },
  shell: { openExternal: async (url: string) => void opened.push(url) },
};

/** Hands the page's port over as the preload does; null where main did not take it. */
function handOver(url: string): MessagePort | null {
  const { port1, port2 } = new MessageChannel();
  const main = new MessagePortMain(port2);
  electron.ipcMain.emit('rpc:port', { ports: [main], senderFrame: { url } });
  return main.listenerCount('message') > 0 ? port1 : null;
}

let page: MessagePort | null = null;

process.on('message', async (command: Command) => {
  const { webContents } = BrowserWindow.last;
  switch (command.do) {
    case 'hand over a port':
      page = handOver(command.url);
      page?.on('message', (data: unknown) => tell({ told: 'data', data }));
      return answered(page !== null);
    case 'call':
      return page?.postMessage(command.data);
    case 'navigate':
      return answered(isPrevented(webContents, 'will-navigate'));
    case 'attach a webview':
      return answered(isPrevented(webContents, 'will-attach-webview'));
    case 'open a window':
      return answered({ ...webContents.openHandler(command), opened: opened.splice(0) });
    case 'fetch': {
      const response = await serve(new Request(command.url));
      return answered({ status: response.status, policy: response.headers.get('content-security-policy'), text: await response.text() });
    }
    case 'ask permission':
      return answerPermission(null, command.permission, answered);
    case 'quit':
      return electron.app.quit();
  }
});
void once(process, 'disconnect').then(() => process.exit(1));

const source = `const electron = globalThis.electronDouble;\nexport const { ${Object.keys(electron).join(', ')} } = electron;`;
Object.assign(globalThis, { electronDouble: electron });
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: 'electron:double', format: 'module', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) => (url === 'electron:double' ? { format: 'module', source, shortCircuit: true } : next(url, context)),
});
