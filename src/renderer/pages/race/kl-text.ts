/** Nats: "0", "2e-6", "0.004", "1.25". */
export function klText(kl: number): string {
  if (kl === 0) return '0'
  return kl < 0.001 ? Number(kl.toPrecision(2)).toExponential() : String(Number(kl.toPrecision(3)))
}
