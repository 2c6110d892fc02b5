/** The router's type, for the page: types only, nothing of the main process is bundled with it. */
export type { AppRouter } from '../main/rpc/router'
