/** Hands one end of the page's message channel to the main process; of Electron the page gets nothing else but the paths of files a person chose. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

contextBridge.exposeInMainWorld('thaw', { pathOf: (file: File) => webUtils.getPathForFile(file) });

window.addEventListener('message', (event) => {
  const [port] = event.ports;
  if (event.source === window && event.data === 'rpc:port' && port) ipcRenderer.postMessage('rpc:port', null, [port]);
});
