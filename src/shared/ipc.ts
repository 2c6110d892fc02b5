/** The one IPC channel between the page and the main process, and what the preload script puts on `window`. */

/** Both directions use it; it carries tRPC's WebSocket messages as text. */
export const IPC_CHANNEL = 'kvasir:rpc'

/** Page to main. `connection` tells the page's connections apart over reloads; `data` is one text message. */
export type IpcUp =
  | { readonly kind: 'open'; readonly connection: string }
  | { readonly kind: 'message'; readonly connection: string; readonly data: string }
  | { readonly kind: 'close'; readonly connection: string }

/** Main to page. */
export type IpcDown =
  | { readonly kind: 'message'; readonly connection: string; readonly data: string }
  | { readonly kind: 'close'; readonly connection: string }

export interface Bridge {
  send(message: IpcUp): void
  /** Returns a function that ends the listening. */
  onMessage(listener: (message: IpcDown) => void): () => void
  /** Where a dropped or chosen file lies; '' when it has no place on disk. */
  pathForFile(file: File): string
}

declare global {
  interface Window {
    /** Absent in a browser tab. */
    readonly kvasir?: Bridge
  }
}
