/** PDF to Markdown, page by page; scripts, forms, pictures and attachments are not read. */
import { createRequire, registerHooks } from 'node:module'
import { dirname, join, sep } from 'node:path'
import type { PDFDocumentLoadingTask, PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { MAX_PAGES } from '../limits'
import { invalid, reasonOf, type Converted, type Place } from './converted'
import { pageLines, writePages, type Line } from './pdf-lines'

/** pdf.js would load a native library to draw with; nothing is drawn here. */
registerHooks({
  resolve(name, context, next) {
    if (name === '@napi-rs/canvas') throw new Error('Not needed to read text.')
    return next(name, context)
  },
})

/** @throws document.invalid: damaged, protected, without text, more pages than `MAX_PAGES` */
export async function convertPdf(bytes: Uint8Array, source: string): Promise<Converted> {
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs')
  const task = getDocument({
    data: bytes,
    // Tables for East Asian text whose fonts name a standard encoding.
    cMapUrl: join(dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')), 'cmaps') + sep,
    cMapPacked: true,
    disableFontFace: true,
    useSystemFonts: false,
    useWasm: false,
    verbosity: 0,
  })
  try {
    const pages = await readPages(await openPdf(task, source), source)
    return paged(writePages(pages), source)
  } finally {
    await task.destroy()
  }
}

async function openPdf(task: PDFDocumentLoadingTask, source: string): Promise<PDFDocumentProxy> {
  try {
    return await task.promise
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException')
      throw invalid({ id: 'pdf.password', params: { name: source } }, error)
    throw invalid({ id: 'pdf.broken', params: { name: source, why: reasonOf(error) } }, error)
  }
}

async function readPages(pdf: PDFDocumentProxy, source: string): Promise<Line[][]> {
  if (pdf.numPages > MAX_PAGES)
    throw invalid({ id: 'pdf.pages', params: { name: source, pages: pdf.numPages, most: MAX_PAGES } })
  const pages: Line[][] = []
  for (let number = 1; number <= pdf.numPages; number++) {
    try {
      const page = await pdf.getPage(number)
      const { items, styles } = await page.getTextContent()
      const isFixed = (font: string): boolean => styles[font]?.fontFamily === 'monospace'
      pages.push(pageLines(items.filter((item) => 'str' in item), isFixed))
      page.cleanup()
    } catch (error) {
      throw invalid({ id: 'pdf.page', params: { name: source, page: number, why: reasonOf(error) } }, error)
    }
  }
  return pages
}

/** Each page begins a block of its own, so that every offset has one page. */
function paged(pages: readonly (readonly string[])[], source: string): Converted {
  let text = ''
  const places: Place[] = []
  for (const [index, blocks] of pages.entries()) {
    if (blocks.length === 0) continue
    places.push({ start: text.length, page: index + 1 })
    text += `${blocks.join('\n\n')}\n\n`
  }
  if (text === '') {
    throw invalid(
      { id: 'pdf.scan', params: { name: source, pages: pages.length } },
    )
  }
  return { text: `${text.trimEnd()}\n`, places }
}
