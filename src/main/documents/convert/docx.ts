/** Word documents, by way of HTML. */
import mammoth from 'mammoth'
import { convertHtml } from './html'
import { invalid, reasonOf, type Converted } from './converted'
import { checkZip } from './zip'

/** Behind each note: mammoth's way back to its place. */
const BACK_LINK = /<a href="#(?:foot|end)note-ref-\d+">↑<\/a>/g

/** Word's format before 2007, and any document that a password protects. */
const COMPOUND_FILE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0])

/** Pictures are left out but for the words that stand for them; tracked deletions and comments are not read. */
const OPTIONS = {
  styleMap: ["p[style-name='Title'] => h1:fresh"],
  convertImage: mammoth.images.imgElement(async () => ({ src: '' })),
  externalFileAccess: false,
}

/** @throws document.invalid */
export async function convertDocx(bytes: Uint8Array, source: string): Promise<Converted> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.subarray(0, COMPOUND_FILE.length).equals(COMPOUND_FILE)) {
    throw invalid(
      { id: 'word.old', params: { name: source } },
    )
  }
  checkZip(bytes, source)
  return convertHtml(await htmlOf(file, source), source)
}

async function htmlOf(file: Buffer, source: string): Promise<string> {
  try {
    return (await mammoth.convertToHtml({ buffer: file }, OPTIONS)).value.replace(BACK_LINK, '')
  } catch (error) {
    throw invalid(
      { id: 'word.broken', params: { name: source, why: reasonOf(error) } },
      error,
    )
  }
}
