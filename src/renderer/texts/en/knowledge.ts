/** Sets, documents, selections, imports. */
import { count } from '../../ui/format'

export const newSet = {
  title: 'New knowledge set',
  name: 'Name',
  model: 'Model',
  modelHint: 'Caches belong to one model. More models: kvasir models add FILE.gguf',
  create: 'Create set',
  cancel: 'Cancel',
}

export const knowledge = {
  title: 'Knowledge',
  summary: (on: number, all: number) =>
    on === all ? `${count(all)} tokens` : `${count(on)} of ${count(all)} tokens`,
  documents: (on: number, all: number) => `${count(on)} of ${count(all)} ${all === 1 ? 'document' : 'documents'}`,
  all: 'All',
  none: 'None',
  tree: 'Documents and sections',
  import: 'Import',
  importFiles: 'Import files…',
  importFolder: 'Folder…',
  include: (title: string) => `Take “${title}” into the question`,
  /** Heard, not seen, behind a row's number of tokens. */
  rowState: (state: string) => ` tokens, ${state}`,
  chunk: (number: number, preview: string) => `${number}. ${preview}`,
  cached: (done: number, all: number, bytes: string) => `${count(done)} of ${count(all)} chunks cached · ${bytes}`,
  build: (missing: number) => `Build ${count(missing)} missing`,
  buildHint: 'Computes the caches once; every later question reuses them.',
  building: 'Building…',
  legend: 'What the dots mean',
  emptyTitle: 'This set is empty',
  emptyHint: 'Drop files or folders anywhere on this page, or choose some: Markdown, text, PDF, Word, HTML.',
  noSetTitle: 'Nothing to ask yet',
  noSetHint: 'The sample set brings a few short documents and questions that suit the bundled model.',
  noSetAction: 'Add the sample set',
  loading: 'Loading the set…',
  importing: 'Importing…',
}

export const inspector = {
  title: 'Inspector',
  empty: 'Choose a document, a section or a chunk to see its text, its caches and why it was or was not reused.',
  document: 'Document',
  section: 'Section',
  chunk: 'Chunk',
  source: 'source',
  version: 'version',
  imported: 'imported',
  size: 'size',
  tokens: 'tokens',
  chunks: 'chunks',
  cache: 'cache',
  variants: 'variants',
  noVariants: 'none yet',
  used: 'last question',
  notUsed: 'not part of it',
  text: 'Text',
  loading: 'Loading the text…',
  remove: 'Remove document',
  removed: (title: string) => `${title} is in the trash`,
}
