import pc from 'picocolors'
import type { Colors } from 'picocolors/types'

/** Colours for a terminal that wants them; none where the stream goes elsewhere. */
export function coloursOf(stream: { readonly isTTY?: boolean }): Colors {
  // A pipe's isTTY is undefined, which createColors would read as "decide by the environment", and CI says yes.
  return pc.createColors(pc.isColorSupported && stream.isTTY === true)
}
