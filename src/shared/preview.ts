/** What an import would do, before it does anything. */
import { z } from 'zod'
import type { Detail } from './details'
import type { ImportOutcome, NodeId } from './knowledge'

/** Files and folders by their paths, or what was uploaded under this id. */
export const importSource = z.union([
  z.object({ paths: z.array(z.string().min(1).max(32_767)).min(1).max(10_000) }),
  z.object({ upload: z.uuid() }),
])
export type ImportSource = z.infer<typeof importSource>

/** One of its files. */
export const importFile = z.union([
  z.object({ path: z.string().min(1).max(32_767) }),
  z.object({ upload: z.uuid(), name: z.string().min(1).max(1024) }),
])
export type ImportFile = z.infer<typeof importFile>

export type DocumentFormat = 'markdown' | 'text' | 'pdf' | 'docx' | 'html'

/** What a build would have to compute. */
export interface BuildCost {
  /** Of all variants together. */
  readonly tokens: number
  /** By this model's caches so far; null where it has none. */
  readonly seconds: number | null
  /** As the set keeps its caches. */
  readonly bytes: number
}

/** How a new version differs from the current one. */
export interface ChunkChanges {
  /** Chunks with the same text. */
  readonly same: number
  readonly changed: number
  /** Chunks of the current version whose text is no longer there. */
  readonly gone: number
}

export interface PreviewFile {
  /** As given. */
  readonly source: string
  readonly file: ImportFile
  readonly outcome: ImportOutcome['outcome']
  /** Why it cannot be imported. */
  readonly detail: string | null
  readonly said?: Detail | undefined
  /** Which document it is already. */
  readonly document: NodeId | null
  /** That document lies in the trash, and would come back. */
  readonly fromTrash: boolean
  readonly format: DocumentFormat | null
  readonly title: string | null
  /** Of the file. */
  readonly bytes: number
  /** 0 where it has no pages. */
  readonly pages: number
  readonly sections: number
  readonly chunks: number
  readonly tokens: number
  /** Of a new version, where the current one has been cut for this model. */
  readonly changes: ChunkChanges | null
  readonly build: BuildCost
}

export interface PreviewTotals {
  readonly files: Readonly<Record<ImportOutcome['outcome'], number>>
  readonly bytes: number
  readonly chunks: number
  readonly tokens: number
  readonly build: BuildCost
}

export type PreviewEvent =
  | { readonly type: 'start'; readonly total: number }
  | { readonly type: 'reading'; readonly source: string; readonly done: number; readonly total: number }
  | { readonly type: 'file'; readonly file: PreviewFile }
  | { readonly type: 'end'; readonly totals: PreviewTotals }

export interface LookSection {
  readonly title: string
  /** 1 to 6; 0 for the part before the first heading. */
  readonly level: number
  readonly page: number | null
  readonly chunks: number
  readonly tokens: number
}

/** One file as it would be cut. */
export interface DocumentLook {
  readonly title: string
  readonly format: DocumentFormat
  readonly sections: readonly LookSection[]
  /** The text chunk by chunk, from the start. */
  readonly chunks: readonly {
    /** From 1. */
    readonly section: number
    readonly page: number | null
    readonly tokens: number
    /** Not in the current version. */
    readonly isNew: boolean
    readonly text: string
  }[]
  /** Chunks behind these. */
  readonly chunksLeftOut: number
}

/** Files that a browser wants to hand over. */
export const uploadFiles = z
  .array(
    z.object({
      name: z.string().min(1).max(1024),
      bytes: z.int().nonnegative(),
      /** Found in a folder: other kinds of files are passed over. */
      inFolder: z.boolean().default(false),
    }),
  )
  .min(1)
  .max(100_000)
export type UploadFilesInput = z.input<typeof uploadFiles>

export interface UploadBegun {
  readonly upload: string
  /** Those that are wanted; the others are named in the preview, or passed over. */
  readonly wanted: readonly string[]
}

/** A stretch of a file. */
export interface UploadPiece {
  readonly name: string
  /** Where it begins; pieces come in order. */
  readonly start: number
  readonly data: Uint8Array
}
