import { sha256, tokenBytes, tokensOf } from '../base/hash'
import type { Sql } from './sql'

/** Token ids of a text with control tokens, asked of the tokenizer once and remembered. */
export async function rememberedTokens(
  sql: Sql,
  tokenizerDigest: string,
  { text, tokenize }: { readonly text: string; readonly tokenize: () => Promise<readonly number[]> },
): Promise<readonly number[]> {
  const name = [tokenizerDigest, sha256(text)]
  const row = sql.get<{ tokens: Uint8Array }>(
    'SELECT tokens FROM prefixes WHERE tokenizer = ? AND text_digest = ?',
    name,
  )
  if (row) return tokensOf(row.tokens)
  const tokens = await tokenize()
  sql.run('INSERT INTO prefixes (tokenizer, text_digest, tokens) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
    ...name,
    tokenBytes(tokens),
  ])
  return tokens
}
