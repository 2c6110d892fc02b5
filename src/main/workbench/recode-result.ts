/** What came of coding caches in a profile, in a sentence. */
export function recodeResult({
  coded,
  damaged,
  lossyOnly,
  profile,
}: {
  readonly coded: number
  readonly damaged: number
  readonly lossyOnly: number
  readonly profile: string
}): string {
  const parts = [`${coded} ${coded === 1 ? 'cache' : 'caches'} coded as ${profile}`]
  if (damaged > 0) parts.push(`${damaged} damaged ones set aside`)
  if (lossyOnly > 0)
    parts.push(`${lossyOnly} left alone, since they are there in another lossy profile only: build them as ${profile} to have them made from the text`)
  return `${parts.join('; ')}.`
}
