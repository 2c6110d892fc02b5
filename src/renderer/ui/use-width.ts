import { useLayoutEffect, useRef, useState, type RefObject } from 'react'

/** How wide an element is now, for charts that are drawn to measure: known before it is first seen, so that nothing is drawn twice. */
export function useElementWidth<T extends Element>(fallback: number): readonly [RefObject<T | null>, number] {
  const ref = useRef<T>(null)
  const [width, setWidth] = useState(fallback)
  useLayoutEffect(() => {
    if (!ref.current) return
    const now = Math.round(ref.current.getBoundingClientRect().width)
    if (now > 0) setWidth(now)
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)))
    observer.observe(ref.current)
    return () => observer.disconnect()
  }, [])
  return [ref, width]
}
