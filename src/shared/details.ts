/**
 * What the core says in sentences, as data: an id and what differs from time to time. The sentences here are those of the
 * command line, of JSON and of the English window; other languages have theirs in the page (`texts/<language>/details.ts`).
 * Details are kept with what they were said of: one whose parameters change gets another id.
 */
import type { CheckName } from './calibration'
import { wayWords, noiseWords, needleWords, short, toThe, unlike, type Comparison, type NoiseOf } from './check-figures'
import type { EngineMethod } from './engine'

/** A call to the system that failed: its code (`ENOENT`), and what it says. */
export interface SystemFailure {
  readonly errno: string
  readonly why: string
}

/** What the engine was doing. */
const METHODS: Readonly<Record<EngineMethod, string>> = {
  system: 'listing its devices',
  inspect: 'reading a model file',
  fingerprint: 'taking the fingerprint of a file',
  load: 'loading a model',
  unload: 'unloading a model',
  memory: 'looking at its memory',
  kept: 'looking at its memory',
  tokenize: 'turning text into tokens',
  detokenize: 'turning tokens into text',
  pieces: 'turning tokens into text',
  encode: 'computing caches',
  answer: 'answering a question',
  compare: 'comparing answers',
  measure: 'measuring caches against full prefill',
  inspectCache: 'looking at a cache',
  provenance: 'looking where an answer came from',
  deviation: 'comparing caches',
  parity: 'comparing logits with libllama',
  shift: 'comparing logits at other positions',
  verify: 'checking a cache',
  learn: 'learning codebooks',
  recode: 'coding caches anew',
  quantise: 'quantising caches',
  randomModel: 'making a random model',
  bench: 'measuring',
}

/** A detail inside of another. */
export interface Nested {
  readonly id: string
  readonly params: object
}

interface GateFailure {
  readonly model: string
  readonly strategy: string
  readonly device: string
  readonly failed: readonly CheckName[]
  /** What they said. */
  readonly what: string
}

/** In tokens. */
interface TooLong {
  readonly limit: number
  readonly model: string
  readonly set: string
  readonly knowledge: number
  readonly question: number
}

type Named = { readonly name: string }
type At = { readonly path: string } & SystemFailure

export const DETAILS = {
  // Files and documents.
  'file.unreadable': ({ path, why }: At) => `${path} cannot be read: ${why}. Check the path and its permissions.`,
  'file.not-a-file': ({ name }: Named) => `${name} is not a file.`,
  'folder.none': ({ path, why }: At) => `Expected a folder but ${path} is none: ${why}.`,
  'folder.is-file': ({ path }: { path: string }) =>
    `Expected a folder but ${path} is none: it is a file; \`kvasir docs add\` imports files.`,
  'document.empty': ({ name }: Named) => `${name} is empty. Import a file with text in it.`,
  'document.utf16': ({ name }: Named) => `${name} is not UTF-8 text. It looks like UTF-16. Save it as UTF-8 and import it again.`,
  'document.not-utf8': ({ name, byte }: Named & { byte: number }) =>
    `${name} is not UTF-8 text. Byte ${byte} is not part of a character. Save it as UTF-8 and import it again.`,
  'document.half-character': ({ name }: Named) => `${name} holds half a character (a lone surrogate). Import well-formed text.`,
  'document.nul': ({ name }: Named) => `${name} holds NUL characters, so it is no text. Export it as plain text or Markdown.`,
  'document.too-large': ({ name, bytes, most }: Named & { bytes: number; most: number }) =>
    `${name} has ${bytes} bytes; a document may have ${most} (${most / 2 ** 20} MiB). Split it into several files.`,
  'document.headings': ({ name, headings, most }: Named & { headings: number; most: number }) =>
    `${name} has ${headings} headings; a document may have ${most}. Split it, or import it as .txt.`,
  'document.unsupported': ({ name, kinds }: Named & { kinds: string }) =>
    `${name} is not imported: expected ${kinds} or a folder of such files. Export it as one of these.`,
  'document.not-text': ({ name }: Named) =>
    `${name} is no text and cannot be handed over as such. Import it by its path: \`kvasir docs add SET PATH\`.`,
  'document.ended': ({ name, why }: Named & { why: string }) => `${name} cannot be read: ${why}. Export it as Markdown or plain text.`,
  'document.memory': ({ name, mib }: Named & { mib: number }) =>
    `${name} cannot be read: it takes more than ${mib} MiB of memory. Export it as Markdown or plain text.`,
  'document.slow': ({ name, seconds }: Named & { seconds: number }) =>
    `${name} takes longer than ${seconds} seconds to read. Split it, or export it as text.`,
  'document.broken': ({ name, why }: Named & { why: string }) => `${name} cannot be read: ${why}. Export it again as another kind.`,
  'word.old': ({ name }: Named) =>
    `${name} is protected by a password, or of a Word before 2007. Save it as a plain .docx and import it again.`,
  'word.broken': ({ name, why }: Named & { why: string }) =>
    `${name} is no sound Word document: ${why}. Open it in a word processor and save it again as .docx.`,
  'word.password': ({ name }: Named) => `${name} is protected by a password. Save it without one and import it again.`,
  'word.parts': ({ name, files, most }: Named & { files: number; most: number }) => `${name} holds ${files} files; it may hold ${most}.`,
  'word.unpacked': ({ name, mib }: Named & { mib: number }) =>
    `${name} unpacks to more than ${mib} MiB. Remove its pictures, or save it as text.`,
  'pdf.password': ({ name }: Named) => `${name} is protected by a password. Save a copy without one and import that.`,
  'pdf.broken': ({ name, why }: Named & { why: string }) => `${name} is no sound PDF: ${why}. Export it again from where it came.`,
  'pdf.page': ({ name, page, why }: Named & { page: number; why: string }) =>
    `Page ${page} of ${name} cannot be read: ${why}. Export the PDF again.`,
  'pdf.pages': ({ name, pages, most }: Named & { pages: number; most: number }) =>
    `${name} has ${pages} pages; a document may have ${most}. Split it into several files.`,
  'pdf.scan': ({ name, pages }: Named & { pages: number }) =>
    `${name} has no text in its ${pages} ${pages === 1 ? 'page' : 'pages'}: ` +
    'they are pictures (a scan). Run text recognition (OCR) on it and import the result.',
  'html.encoding': ({ name, encoding }: Named & { encoding: string }) =>
    `${name} says that it is written in ${encoding}, but cannot be read so. Save it as UTF-8.`,
  'html.unknown-encoding': ({ name }: Named) => `${name} is not UTF-8 and does not say what else. Save it as UTF-8 and import it again.`,
  'html.too-large': ({ name, characters, most }: Named & { characters: number; most: number }) =>
    `${name} has ${characters} characters of HTML; a page may have ${most}. Split it, or export it as Markdown.`,
  'html.depth': ({ name, most }: Named & { most: number }) =>
    `${name} has more than ${most} elements inside each other. Export it as Markdown or plain text.`,

  // Imports.
  'import.nothing': ({ kinds }: { kinds: string }) => `There is nothing to import: expected files (${kinds}), or folders with such files.`,
  'import.failed': ({ text, others }: { first: Nested | null; text: string; others: number }) =>
    `${text} (${others} more could not be imported either.)`,
  'import.too-many': ({ most }: { most: number }) => `Expected at most ${most} files in one import. Import folders one by one.`,
  'upload.gone': () =>
    'This upload is not there any more: it was imported or given up, or Kvasir was started again. Upload the files again.',
  'upload.too-many': ({ most }: { most: number }) => `Expected at most ${most} files in one upload. Send folders one by one.`,
  'upload.too-large': ({ name, mib }: Named & { mib: number }) =>
    `${name} does not fit: one upload takes ${mib} MiB. Upload it on its own.`,
  'upload.twice': ({ name }: Named) =>
    `${name} is there twice: a browser tells files apart by their names only. Rename one, or upload them one after the other.`,
  'upload.cut': ({ name, arrived, bytes }: Named & { arrived: number; bytes: number }) =>
    `Of ${name} only ${arrived} of ${bytes} bytes arrived. Upload it again.`,
  'upload.full': ({ path, why }: At) => `The upload cannot be kept in ${path}: ${why}. Make room there.`,

  // Sets and what is in them.
  'set.unknown': ({ name }: Named) => `Expected the id or name of a set but got "${name}". \`kvasir sets list\` shows them.`,
  'set.taken': ({ name }: Named) => `There is a set "${name}" already. Choose another name or remove that set.`,
  'set.name': ({ name, most }: Named & { most: number }) =>
    `Expected a name of 1 to ${most} characters that does not look like an id (set1) but got "${name}".`,
  'set.removed-meanwhile': () => 'The set was removed while documents were imported into it.',
  'set.part-gone': ({ part }: { part: string }) =>
    `The set has no ${part}. A document that changed may have other sections now: look at the set again.`,
  'set.no-folder': ({ name }: Named) =>
    `Expected a folder, since none is remembered for "${name}" yet. Give one: \`kvasir docs sync SET FOLDER\`.`,
  'document.unknown': ({ id }: { id: string }) =>
    `There is no document ${id}. \`kvasir docs list\` shows them, \`kvasir trash list\` those that were removed.`,
  'document.part-gone': ({ title, id }: { title: string; id: string }) =>
    `"${title}" has no ${id}. A document that changed may have other parts now: look at the set again.`,
  'selection.unknown': ({ set, name, id }: { set: string; name: string; id: string }) =>
    `"${set}" has no selection "${name}". \`kvasir sets selections ${id}\` lists them.`,
  'selection.name': ({ name, most }: Named & { most: number }) => `Expected a name of 1 to ${most} characters but got "${name}".`,
  'selection.most': ({ set, most }: { set: string; most: number }) =>
    `"${set}" has ${most} selections, as many as a set may have. Remove one first.`,
  'trash.unknown': ({ id }: { id: string }) => `Expected something in the trash but got ${id}. \`kvasir trash list\` shows what is there.`,
  'trash.set-first': ({ id, set, setId }: { id: string; set: string; setId: string }) =>
    `${id} belongs to "${set}", which is in the trash itself. Restore ${setId} first.`,
  'trash.model-first': ({ set, model }: { set: string; model: string }) =>
    `"${set}" needs the model ${model}, which was removed since. Add its file again under that name ("kvasir models add FILE ` +
    `--name ${model}"), then restore the set.`,

  // The store.
  'store.full': ({ path, why, errno }: At) =>
    `The disk of ${path} is full: ${why} (${errno}). What was stored is whole; free some space and go on.`,
  'store.quota': ({ quota, used }: { quota: number; used: number }) =>
    `Expected at most ${quota} bytes of caches, the quota, but there are ${used}, and too many of them are pinned, in use or ` +
    'made within the hour. Raise the quota with "kvasir store quota", or clean up with "kvasir store clean".',
  'store.damaged': ({ path, why, errno }: At) =>
    `The index ${path} is damaged: ${why} (${errno}). ` +
    'Move it away to start anew (the caches it lists are computed again), or restore a copy of it.',
  'store.locked': ({ path, why, errno }: At) =>
    `Another program holds the index ${path} locked: ${why} (${errno}). Wait for it or close it.`,
  'store.unreadable': ({ path, why, errno }: At) =>
    `The store at ${path} cannot be read and written: ${why} (${errno}). ` +
    'Check that the folder exists and belongs to you, or give another --data-dir.',
  'store.disk': ({ path, why, errno }: At) => `The disk under ${path} failed: ${why} (${errno}). Check the disk.`,
  'cache.damaged': ({ path, what }: { path: string; what: string }) =>
    `Expected a sound object file at ${path}, but ${what}; it must be set aside and built again from its text.`,
  'cache.unknown': ({ key }: { key: string }) =>
    `Expected the key of a cache but got ${key}, which the store does not have. \`kvasir store list --keys\` shows them.`,
  'cache.no-text': () =>
    'Expected a document with the text of this cache, but none has had it since it was removed: there is nothing to hold ' +
    'it against.',
  'cache.no-model': ({ model }: { model: string }) =>
    `Expected the model that made this cache (${model}…), but none of the models here is it. Add it with "kvasir models add FILE".`,
  'profile.uncalibrated': ({ model, profile }: { model: string; profile: string }) =>
    `Expected a profile that ${model} has, but "${profile}" has not been calibrated for it. Run "kvasir store calibrate ` +
    `${model}" first, or take f16.`,

  // Models and the engine.
  'model.unknown': ({ id, known }: { id: string; known: readonly string[] }) =>
    `Expected the name of a model, got '${id}'. ` +
    (known.length > 0 ? `There are: ${known.join(', ')}.` : 'None has been added; add one with "kvasir models add FILE".'),
  'model.missing': ({ path, why }: At) => `Expected a model file at ${path}, but the system says: ${why}.`,
  'model.replaced': ({ id, path, was, is }: { id: string; path: string; was: string; is: string }) =>
    `Expected model '${id}' (${was}) in ${path}, but that file is now another one (${is}). ` +
    'Put the old file back, or add the new one again with "kvasir models add".',
  'model.changed': ({ path }: { path: string }) =>
    `Expected ${path} as it was when it was first loaded, but the file has changed; add the model again.`,
  'model.bundled': ({ id }: { id: string }) => `${id} comes with Kvasir and cannot be removed.`,
  'model.in-use': ({ id, sets }: { id: string; sets: readonly string[] }) =>
    `${id} answers in ${sets.length === 1 ? 'the set' : 'the sets'} ${sets.map((name) => `"${name}"`).join(', ')}. ` +
    `Remove ${sets.length === 1 ? 'it' : 'those'} first.`,
  'model.part': ({ part, parts }: { part: number; parts: number }) =>
    `It is part ${part} of ${parts}: a model in several files is not read. Merge them with llama.cpp's ` +
    '"llama-gguf-split --merge", and add the result.',
  'model.unreadable': ({ path, why }: { path: string; why: string }) => `Expected a readable model file at ${path}, but: ${why}.`,
  'model.no-gguf': ({ path }: { path: string }) => `Expected a GGUF file at ${path}, but it does not start with "GGUF".`,
  'model.cut': ({ path, what }: { path: string; what: string }) =>
    `Expected a sound GGUF file at ${path}, but ${what}. Download the model again.`,
  'model.version': ({ path, version }: { path: string; version: string }) =>
    `Expected a little-endian GGUF of version 2 or 3, but ${path} is of version ${version}. Convert the model anew.`,
  'model.architecture': ({ path, architecture, known }: { path: string; architecture: string; known: string }) =>
    `Expected a model of one of the architectures ${known}, but ${path} is of ${architecture}. Choose another model.`,
  'model.tokenizer': ({ path, kind }: { path: string; kind: string }) =>
    `Expected a tokenizer of kind gpt2 (byte-level BPE) or llama (SentencePiece), but ${path} has ${kind}. Choose another model.`,
  'model.contradicts': ({ path, what }: { path: string; what: string }) => `Expected a model that agrees with itself, but ${path} ${what}.`,
  'model.no-architecture': ({ path }: { path: string }) => `Expected general.architecture in ${path}, which lacks it.`,
  'gate.failed': ({ model, strategy, device, what }: GateFailure) =>
    `Expected ${model} to pass its check before ${strategy} mixes cached and fresh parts, but it ` +
    `failed on ${device}: ${what} Take reuse or full, or check again with "kvasir models check ${model}".`,
  'strategy.one-layer': ({ model, strategy, layers }: { model: string; strategy: string; layers: number }) =>
    `Expected a check layer among the ${layers} ${layers === 1 ? 'layer' : 'layers'} of ${model}, which count from 0; got ` +
    `${strategy}. ${layers < 2 ? 'Take link or reuse.' : `Take 1 to ${layers - 1}.`}`,
  'strategy.unknown': ({ text, forms, ratio }: { text: string; forms: readonly string[]; ratio: boolean }) =>
    (forms.length > 1 ? `Expected a strategy, one of ${forms.join(', ')}` : `Expected a strategy of the form ${forms.join('')}`) +
    `${ratio ? ', a ratio being 0 to 1' : ''}; got '${text}'.`,
  'context.too-long': ({ limit, model, set, knowledge, question }: TooLong) =>
    `Expected fewer than ${limit} tokens, the context of ${model}, but the selection ` +
    `of "${set}" has ${knowledge} and the question with its template ${question}. ` +
    'Exclude documents or sections, or take a model with a longer context.',
  'engine.memory': ({ path, needed, free }: { path: string; needed: string; free: string | null }) =>
    `Expected ${needed} of memory for the weights of ${path}, but ${free === null ? 'they could not be had' : `${free} are free`}. ` +
    'Close other programs, put fewer layers on the device or choose a smaller model.',
  'engine.died': ({ method, model, why }: { method: EngineMethod; model: string | null; why: string }) =>
    `The engine died while it was ${METHODS[method]}${model === null ? '' : ` (${model})`}: its process ${why}. ` +
    'What was stored is whole and the engine starts again; try once more.',
  'engine.no-start': ({ why }: { why: string }) => `The engine host ${why} when it started.`,
  'engine.not-started': ({ why }: { why: string }) => `The engine host could not be started: it ${why}.`,
  'engine.ended': ({ why }: { why: string }) => `The engine host ${why}.`,

  // Questions, races, jobs, reports.
  'query.unknown': ({ id }: { id: number }) =>
    `There is no query ${id} in the history, or it is not kept any more. "kvasir history" lists those that are.`,
  'query.not-whole': ({ id }: { id: number }) =>
    `Query ${id} is not kept whole: only the newest that were answered to their end are. Ask it again.`,
  'query.changed': ({ id }: { id: number }) => `The documents of query ${id} have changed since it was answered. Ask again.`,
  'query.no-words': ({ id }: { id: number }) => `The answer to query ${id} has no words.`,
  'query.no-knowledge': ({ id }: { id: number }) => `Query ${id} had no knowledge selected, so its answer came from none.`,
  'race.unknown': ({ id, kept }: { id: number; kept: number }) =>
    `There is no race ${id}. \`kvasir race list\` shows them; the newest ${kept} are kept.`,
  'job.unknown': ({ id }: { id: string }) => `There is no job "${id}". Ended jobs are forgotten when the workbench closes.`,
  'job.no-pause': ({ title }: { title: string }) =>
    `"${title}" cannot be paused while it runs: a pause would spoil what it measures. Let it end, or cancel it.`,
  'bench.goes-on': ({ kept, of }: { kept: number; of: number }) =>
    `Going on behind ${kept} of ${of} measurements of an interrupted run (--fresh begins anew).`,
  'report.unknown': ({ id }: { id: string }) => `There is no report ${id}. \`kvasir bench list\` shows those that are kept.`,
  'report.none': ({ where, found }: { where: string; found: string }) =>
    `Expected a report in ${where}, as \`kvasir bench --out report.json\` writes it, but ${found}.`,
  'calibrate.no-documents': ({ set, context, found }: { set: string; context: number; found: string }) =>
    `Expected documents to ask of in "${set}", with chunks that fit into a context of ${context} tokens; ` +
    `found ${found}. Add some with "kvasir docs add", or calibrate without a set.`,
  'calibrate.few-documents': ({ set, found }: { set: string; found: number }) =>
    `Expected two documents with text or more in "${set}", to learn from some and ask about others; found ${found}. ` +
    'Add some with "kvasir docs add", or calibrate without a set.',

  // What the checks of a model measured.
  'check.too-short': ({ context, chunks }: { context: number; chunks: number | null }) =>
    chunks === null
      ? `Its context of ${context} tokens is too short for a text.`
      : `Its context of ${context} tokens is too short for ${chunks} chunks.`,
  'check.parity': ({ tokens, own, noise }: { tokens: number; own: Comparison; noise: NoiseOf }) =>
    `Against libllama over ${tokens} tokens: ${unlike(own)}; expected at most ${noiseWords(noise)}.`,
  'check.parity-kernels': (p: { tokens: number; same: Comparison; most: number; own: Comparison; noise: NoiseOf }) =>
    `Against libllama over ${p.tokens} tokens, with its kernels: ${unlike(p.same)}; expected at most ${short(p.most)} on average. ` +
    `With our own attention: ${unlike(p.own)}; expected at most ${noiseWords(p.noise)}.`,
  'check.equal': ({ ways }: { ways: readonly (number | null)[] }) =>
    `Full prefill's logits bit for bit with everything recomputed: ${ways.map(wayWords).join(', ')}.`,
  'check.unequal': ({ ways }: { ways: readonly (number | null)[] }) =>
    `Expected full prefill's logits bit for bit with everything recomputed, but got others by ${ways.map(wayWords).join(', ')}.`,
  'check.no-room': ({ context }: { context: number }) => `The model's context of ${context} tokens leaves no room to move a text.`,
  'check.shift': ({ offsets, worst, own, noise }: { offsets: readonly number[]; worst: number; own: Comparison; noise: NoiseOf }) =>
    `Moved by ${offsets.join(', ')} positions, worst by ${worst}: ${unlike(own)}; expected at most ${noiseWords(noise)}.`,
  'check.needle-too-short': () => 'Its context is too short for the documents of the needle.',
  'check.needle-unknown': () =>
    'Full prefill itself does not find numbers planted in plain English: nothing to hold reuse against.',
  'check.needle': needleWords,

  // Why the strategy `auto` begins as it does.
  'auto.distrusted': () => 'the model failed its check, so its caches are not trusted',
  'auto.exact': () => 'every cached chunk has read all that stands before it, so reuse loses nothing',
  'auto.uncalibrated': () =>
    'this model has not been calibrated, so the usual link tokens are taken; "kvasir models calibrate" measures better',
  'auto.cheapest': ({ target, kl, cost, questions }: { target: number; kl: number; cost: number; questions: number }) =>
    `the cheapest within KL ${target}: it keeps ${toThe(kl)} at ${toThe(cost * 100)} % of full prefill's time, ` +
    `measured on ${questions} questions`,
  'auto.unsure': () => 'what was tried before it was unsure of its first token',
  'auto.none': ({ target, closest, questions }: { target: number; closest: { strategy: string; kl: number } | null; questions: number }) =>
    `nothing cheaper keeps within KL ${target}${closest ? `; the closest, ${closest.strategy}, keeps ${toThe(closest.kl)}` : ''}, ` +
    `measured on ${questions} questions`,
}

export type DetailId = keyof typeof DETAILS
type ParamsOf<Say> = Say extends () => string
  ? Readonly<Record<string, never>>
  : Say extends (params: infer Params) => string
    ? Params
    : never

/** One of the ids with its parameters. */
export type Detail = { readonly [Id in DetailId]: { readonly id: Id; readonly params: ParamsOf<(typeof DETAILS)[Id]> } }[DetailId]

/** In English. */
export function sentence({ id, params }: Detail): string {
  const say = DETAILS[id] as (params: Detail['params']) => string
  return say(params)
}
