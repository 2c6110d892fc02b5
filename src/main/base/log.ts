/**
 * Plain lines for whoever looks after a running workbench, on stderr, only when `KVASIR_LOG` is set. Paths, ids and
 * codes may stand in them; texts, questions and tokens of access may not.
 */
export function log(area: string, message: string): void {
  if (!process.env['KVASIR_LOG']) return
  process.stderr.write(`${new Date().toISOString()} ${area}: ${message.replaceAll('\n', ' ')}\n`)
}
