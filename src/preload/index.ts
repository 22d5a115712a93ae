/** Hands one end of the page's message channel to the main process; the page gets nothing else of Electron. */
import { contextBridge, ipcRenderer } from 'electron';

contextBridge.exposeInMainWorld('thaw', { host: 'electron' });

window.addEventListener('message', (event) => {
  const [port] = event.ports;
  if (event.source === window && event.data === 'rpc:port' && port) ipcRenderer.postMessage('rpc:port', null, [port]);
});
