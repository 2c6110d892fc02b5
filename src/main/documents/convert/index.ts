/** The thread that converts: libraries that read foreign files run here, where they can be ended. */
import { parentPort } from 'node:worker_threads'
import { toErrorData, WorkbenchError, type ErrorData } from '../../../shared/errors'
import { normaliseText } from '../decode'
import { invalid, reasonOf, type Converted, type ConvertRequest } from './converted'
import { decodeHtml } from './decode-html'
import { convertDocx } from './docx'
import { convertHtml } from './html'
import { convertPdf } from './pdf'

export type ConvertReply = { readonly converted: Converted } | { readonly error: ErrorData }

parentPort?.on('message', (request: ConvertRequest) => {
  void reply(request).then((answer) => parentPort?.postMessage(answer))
})

async function reply(request: ConvertRequest): Promise<ConvertReply> {
  try {
    const { text, places } = await convert(request)
    // Offsets count what is stored: text that is normalised already.
    return { converted: { text: normaliseText(text, request.source), places } }
  } catch (error) {
    if (error instanceof WorkbenchError) return { error: toErrorData(error) }
    const why = error instanceof RangeError ? 'its parts are nested too deep or too large' : reasonOf(error)
    return { error: toErrorData(invalid({ id: 'document.broken', params: { name: request.source, why } })) }
  }
}

async function convert({ format, bytes, source }: ConvertRequest): Promise<Converted> {
  switch (format) {
    case 'pdf':
      return await convertPdf(bytes, source)
    case 'docx':
      return await convertDocx(bytes, source)
    case 'html':
      return convertHtml(decodeHtml(bytes, source), source)
  }
}
