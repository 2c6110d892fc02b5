/** What the window around the page brings: its menu, files that were opened with it, and what was healed. */

export const window = {
  language: (language: string) => `Language: ${language}`,
  openModel: 'Open a model (GGUF)…',
  importFiles: 'Import files…',
  importFolder: 'Import a folder…',
  saved: (path: string) => `Saved as ${path}`,
  reloaded: 'The page’s process had ended, so the page was loaded again. Nothing stored is lost; a report lies in the data folder.',
  update: (version: string) => `Kvasir ${version} is out, says the update feed that you have set. Nothing was downloaded.`,
  bundleTitle: 'A bundle of knowledge caches',
  bundle: (name: string, bytes: string) => `${name}, ${bytes}`,
  bundleLater:
    'This is a Kvasir bundle (.kvb): caches that someone computed, to be taken in by a set. This version does not take bundles in yet; a later one does. Nothing was read from the file, and nothing was changed.',
  noSuchSet: (set: string) => `There is no knowledge set “${set}”; it may have been removed.`,
  close: 'Close',
  noSet: 'There is no knowledge set yet to import into. Make one first.',
}

export const engineNews = {
  restarted: (why: string) =>
    `${why} It was started again, and nothing stored is lost. An answer on its way has to be asked again; builds go on from where they were when they are started again.`,
}
