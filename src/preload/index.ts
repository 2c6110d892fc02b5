/** The page's one way to the main process: wrappers of one channel, never `ipcRenderer` itself. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { IPC_CHANNEL, type Bridge, type IpcDown } from '../shared/ipc'

const bridge: Bridge = {
  send: (message) => ipcRenderer.send(IPC_CHANNEL, message),
  onMessage: (listener) => {
    const forward = (_event: unknown, message: IpcDown): void => listener(message)
    ipcRenderer.on(IPC_CHANNEL, forward)
    return () => void ipcRenderer.off(IPC_CHANNEL, forward)
  },
  pathForFile: (file) => webUtils.getPathForFile(file),
}

contextBridge.exposeInMainWorld('kvasir', bridge)
