/** PDF, Word and HTML become Markdown; the built converter thread on real files. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { Converter } from '../../src/main/documents/converter'
import type { ConvertedFormat } from '../../src/main/documents/format'
import { MAX_HTML_CHARACTERS, MAX_PAGES } from '../../src/main/documents/limits'
import { pageAt } from '../../src/main/documents/text-of'
import {
  docxParagraph,
  docxTable,
  makeChinesePdf,
  makeDocx,
  makePdf,
  makeZip,
  type PdfString,
} from '../helpers/office-files'

const converter = new Converter()
afterAll(() => converter[Symbol.asyncDispose]())

const convert = (format: ConvertedFormat, bytes: string | Buffer) =>
  converter.convert({ format, bytes: new Uint8Array(Buffer.from(bytes)), source: `a.${format}` })
const html = async (text: string): Promise<string> => (await convert('html', text)).text
const refused = (why: string): unknown =>
  expect.objectContaining({ code: 'document.invalid', message: expect.stringContaining(why) as string })

describe('PDF', () => {
  const line = (text: string, y: number, more: Partial<PdfString> = {}): PdfString => ({ text, x: 72, y, ...more })

  it('has its lines joined, its headings and rows kept, and a page for every offset', async () => {
    const { text, places } = await convert(
      'pdf',
      makePdf([
        [
          line('Travel policy', 780, { size: 20 }),
          line('Trips are booked by the team of-', 750),
          line('fice in Lund.', 736),
          line('Budgets', 700, { size: 15 }),
          line('Name', 680),
          line('Euros', 680, { x: 272 }),
          line('Wren', 666),
          line('63', 666, { x: 272 }),
        ],
        [],
        [line('Trains are preferred below six hours, and first class is booked', 780), line('only by the regional lead.', 766)],
      ]),
    )
    expect(text).toBe(
      '# Travel policy\n\nTrips are booked by the team office in Lund.\n\n## Budgets\n\nName | Euros\nWren | 63\n\n' +
        'Trains are preferred below six hours, and first class is booked only by the regional lead.\n',
    )
    expect([text.indexOf('Wren'), text.indexOf('Trains'), text.length - 1].map((at) => pageAt(places, at))).toEqual([
      1, 3, 3,
    ])
  })

  it('keeps paragraphs and bullets apart', async () => {
    const page = [
      line('First paragraph, one line.', 780),
      line('Second paragraph.', 750),
      line('- A line that looks like a list', 720),
      line('# A line that looks like a heading', 690),
    ]
    expect((await convert('pdf', makePdf([page]))).text).toBe(
      'First paragraph, one line.\n\nSecond paragraph.\n\n- A line that looks like a list\n\n\\# A line that looks like a heading\n',
    )
  })

  it('keeps lines of code, and takes no table of contents for headings', async () => {
    const page = [
      line('1 Parts . . . . . . . 7', 780, { size: 20 }),
      line('let one = 1', 740, { font: 'Courier' }),
      line('let two = 2', 728, { font: 'Courier' }),
      line('Text of an ordinary kind, more than anything else on this page.', 690),
    ]
    expect((await convert('pdf', makePdf([page]))).text).toBe(
      '1 Parts . . . . . . . 7\n\nlet one = 1\nlet two = 2\n\nText of an ordinary kind, more than anything else on this page.\n',
    )
  })

  it('reads Chinese in a font that is not embedded', async () => {
    expect((await convert('pdf', makeChinesePdf('b1b1bea9'))).text).toBe('北京\n')
  })

  it('is refused with why', async () => {
    const sound = makePdf([[line('Text.', 700)]])
    await expect(convert('pdf', makePdf([[], []]))).rejects.toEqual(refused('no text in its 2 pages'))
    await expect(convert('pdf', makePdf([[line('Text.', 700)]], { encrypted: true }))).rejects.toEqual(
      refused('protected by a password'),
    )
    await expect(convert('pdf', sound.subarray(0, 200))).rejects.toEqual(refused('no sound PDF'))
    await expect(convert('pdf', 'no PDF at all')).rejects.toEqual(refused('no sound PDF'))
    const many = makePdf(Array.from({ length: MAX_PAGES + 1 }, () => []))
    await expect(convert('pdf', many)).rejects.toEqual(refused(`has ${MAX_PAGES + 1} pages`))
  })

  it('damaged anywhere is text or a named error, never anything else', async () => {
    const sound = makePdf([[line('Some text to read.', 700)], [line('And more.', 700)]])
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(sound)
      for (let at = round; at < bytes.length; at += 97) bytes[at] = (bytes[at] ?? 0) ^ (1 << (round % 8))
      await convert('pdf', bytes).catch((error: unknown) => expect(error).toMatchObject({ code: 'document.invalid' }))
    }
  })
})

describe('Word', () => {
  it('has its notes read, its comments and deletions not', async () => {
    const run = (inside: string): string => `<w:r>${inside}</w:r>`
    const text = (words: string): string => run(`<w:t xml:space="preserve">${words}</w:t>`)
    const body =
      `<w:p>${text('Kept')}<w:del>${run('<w:delText>deleted</w:delText>')}</w:del><w:ins>${text(' and added')}</w:ins>` +
      `${run('<w:footnoteReference w:id="1"/>')}${run('<w:commentReference w:id="1"/>')}</w:p>`
    const part = (kind: string, inside: string): string =>
      `<w:${kind}s xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">` +
      `<w:${kind} w:id="1"><w:p>${text(inside)}</w:p></w:${kind}></w:${kind}s>`
    const file = makeDocx(body, {
      'word/footnotes.xml': part('footnote', 'A note.'),
      'word/comments.xml': part('comment', 'A comment.'),
    })
    expect((await convert('docx', file)).text).toBe('Kept and added[1]\n\n1. A note.\n')
  })

  it('keeps headings, paragraphs, lists and tables', async () => {
    const body = [
      docxParagraph('Travel', 1),
      docxParagraph('Trains first.'),
      docxParagraph('one', 'item'),
      docxParagraph('two', 'item'),
      docxParagraph('预算', 2),
      docxTable([
        ['Name', 'Budget'],
        ['Wren', '63'],
      ]),
    ].join('')
    expect((await convert('docx', makeDocx(body))).text).toBe(
      '# Travel\n\nTrains first.\n\n- one\n- two\n\n## 预算\n\n| Name | Budget |\n| --- | --- |\n| Wren | 63 |\n',
    )
  })

  it('is refused with why', async () => {
    const body = docxParagraph('Text.')
    await expect(convert('docx', 'no archive')).rejects.toEqual(refused('no zip archive'))
    await expect(convert('docx', makeZip({ 'a.txt': 'a' }))).rejects.toEqual(refused('no sound Word document'))
    await expect(convert('docx', makeDocx('<w:p>'))).rejects.toEqual(refused('no sound Word document'))
    await expect(convert('docx', makeDocx(''))).rejects.toEqual(refused('is empty'))
    await expect(convert('docx', Buffer.from('d0cf11e0a1b11ae1', 'hex'))).rejects.toEqual(refused('protected by a password'))
    const sound = makeDocx(body)
    await expect(convert('docx', sound.subarray(0, -40))).rejects.toEqual(refused('no sound Word document'))
  })

  it('that unpacks to very much is refused, whatever its directory says', async () => {
    const bomb = makeDocx(docxParagraph('Text.'), { 'word/media/a.bin': Buffer.alloc(257 * 2 ** 20) })
    // The sizes that it states, in the directory's last entry and in front of its data.
    const entry = bomb.lastIndexOf('PK\x01\x02')
    bomb.writeUInt32LE(10, entry + 24)
    bomb.writeUInt32LE(10, bomb.readUInt32LE(entry + 42) + 22)
    await expect(convert('docx', bomb)).rejects.toEqual(refused('unpacks to more than 256 MiB'))
  })
})

describe('HTML', () => {
  it('keeps what is to be read, in its shape', async () => {
    expect(
      await html(`<!doctype html><title>Handbook &amp; rules</title><style>p { color: red }</style>
        <script>document.write('no')</script><body><p>First
        line<br>second <b>li</b>ne.<ul><li>one<ul><li>inner</ul><li><p>two<p>more</ul>
        <ol start=3><li>three</ol><h2>A <a href=x>part</a></h2><pre>code  kept
  as it is</pre><blockquote>said<p>so</blockquote><template>no</template><p hidden>no</p><noscript>no</noscript>`),
    ).toBe(
      '# Handbook & rules\n\nFirst line\nsecond line.\n\n- one\n  - inner\n- two\n\n  more\n\n3. three\n\n## A part\n\n' +
        '```\ncode  kept\n  as it is\n```\n\n> said\n>\n> so\n',
    )
  })

  it('keeps tables; one that lays out a page is read cell by cell', async () => {
    const cells = '<tr><th>Name<th colspan=2>Figures<tr><td>Wren<td>6|3<td>4'
    expect(await html(`<table><caption>Budgets</caption>${cells}</table>`)).toBe(
      'Budgets\n\n| Name | Figures |  |\n| --- | --- | --- |\n| Wren | 6\\|3 | 4 |\n',
    )
    expect(await html(`<table><tr><td><h1>Left</h1><td><p>Right</table>`)).toBe('# Left\n\nRight\n')
  })

  it('text never becomes a heading, code or a quote', async () => {
    expect(await html('<p># a<br>===<br>```<br>&gt; q<br>&lt;!-- x<p>---')).toBe(
      '\\# a\n\\===\n\\```\n\\> q\n\\<!-- x\n\n\\---\n',
    )
  })

  it('is read in the encoding that it names', async () => {
    const chinese = Buffer.from([0xb1, 0xb1, 0xbe, 0xa9])
    expect((await convert('html', Buffer.concat([Buffer.from('<meta charset="gbk"><p>'), chinese]))).text).toBe('北京\n')
    expect((await convert('html', Buffer.from('\uFEFF<p>北京', 'utf16le'))).text).toBe('北京\n')
    await expect(convert('html', chinese)).rejects.toEqual(refused('not UTF-8'))
  })

  it('is refused when it is empty, too long or too deep', async () => {
    await expect(html('<p> </p><script>x</script>')).rejects.toEqual(refused('is empty'))
    await expect(html('x'.repeat(MAX_HTML_CHARACTERS + 1))).rejects.toEqual(refused(`may have ${MAX_HTML_CHARACTERS}`))
    for (const tag of ['<div>', '<b>', '<table><td>', '<ul><li>', '<blockquote>'])
      await expect(html(`${tag.repeat(5000)}x`)).rejects.toEqual(refused('inside each other'))
  })
})

describe('the thread', () => {
  const slow = { format: 'html', bytes: Buffer.from('<table><b>x'.repeat(300_000)), source: 'slow.html' } as const
  const quick = { format: 'html', bytes: Buffer.from('<p>Quick.'), source: 'quick.html' } as const

  it('ends when its time is over', async () => {
    await using limited = new Converter({ seconds: 0.3 })
    const start = Date.now()
    await expect(limited.convert(slow)).rejects.toEqual(refused('longer than 0.3 seconds'))
    expect(Date.now() - start).toBeLessThan(10_000)
  })

  it('ends when it needs too much memory, and the next document gets a new one', async () => {
    await using small = new Converter({ heapMib: 32 })
    await expect(small.convert({ ...slow, bytes: Buffer.from('<p>x'.repeat(1_000_000)) })).rejects.toEqual(
      refused('more than 32 MiB of memory'),
    )
    expect((await small.convert(quick)).text).toBe('Quick.\n')
  })

  it('ends when the caller gives up', async () => {
    const controller = new AbortController()
    const given = expect(converter.convert(slow, controller.signal)).rejects.toMatchObject({ code: 'cancelled' })
    await sleep(50)
    controller.abort()
    await given
    expect((await converter.convert(quick)).text).toBe('Quick.\n')
  })
})
