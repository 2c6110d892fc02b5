import { useState } from 'react'
import { strings } from '../../strings'

const SHOWN_MS = 2000

export function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), SHOWN_MS)
  }
  return (
    <button type="button" className="button small" onClick={() => void copy()}>
      {copied ? strings.bench.copied : strings.bench.copy}
    </button>
  )
}
