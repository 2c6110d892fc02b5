/** Profiles: how exactly, and how small, a cache is kept. One cache may exist in several. */
import { z } from 'zod'

/** Most faithful first. `f16` keeps everything; the others are coded by a codebook that is calibrated once per model. */
export const PROFILES = ['f16', 'q8', 'high', 'medium', 'small'] as const
export const profile = z.enum(PROFILES)
export type Profile = z.infer<typeof profile>

export const CODED_PROFILES = ['q8', 'high', 'medium', 'small'] as const satisfies readonly Profile[]
export type CodedProfile = (typeof CODED_PROFILES)[number]

/** One codebook's price and what it keeps, measured on questions whose knowledge it was not learnt from. */
export interface CodedPoint {
  /** By principal components of each layer's K and V; else by channel. */
  readonly basis: boolean
  /** Multiplies the steps that the planes have in proportion to each other. */
  readonly scale: number
  /** Of all layers' elements, headers left out; f16 has 16. */
  readonly bitsPerElement: number
  /** Bytes of f16 objects over bytes of coded ones, headers and all. */
  readonly ratio: number
  /** Mean KL(f16 || coded) per token of f16's own answer, nats. */
  readonly klMean: number
  /** Share of the answer's tokens that are the likeliest with coded caches, too. */
  readonly top1: number
}

/** A codebook that is in use for a model. */
export interface ProfileFacts extends CodedPoint {
  readonly profile: CodedProfile
  /** SHA-256 of the codebook's file. */
  readonly codebook: string
  /** Of the codebook's file, which all caches of the profile share. */
  readonly codebookBytes: number
  readonly questions: number
  readonly madeAt: string
}

/** What a calibration of a model's profiles found. */
export interface ProfileCalibration {
  readonly profiles: readonly ProfileFacts[]
  /** Everything that was tried, by size. */
  readonly curve: readonly CodedPoint[]
  /** Of layer 1 K, layer 1 V, layer 2 K, ...: steps in proportion to each other, by what an error there costs. */
  readonly weights: readonly number[]
}

/** Bits per element that a calibration aims for, where it is told nothing else. */
export const TARGET_BITS: Readonly<Record<Exclude<CodedProfile, 'q8'>, number>> = { high: 2.25, medium: 1.4, small: 0.75 }

/** Nats per token that a profile may cost, where its bits were not asked for; it takes more bits otherwise. */
export const MOST_KL: Readonly<Record<Exclude<CodedProfile, 'q8'>, number>> = { high: 0.005, medium: 0.02, small: 0.06 }

const bits = z.number().min(0.05).max(12)
export const calibrateProfilesOptions = z.object({
  /** Whose documents and questions; without it the sample's. */
  set: z.string().min(1).max(1000).optional(),
  questions: z.int().min(2).max(200).default(24),
  bits: z.object({ high: bits, medium: bits, small: bits }).partial().default({}),
})
export type CalibrateProfilesInput = z.input<typeof calibrateProfilesOptions>
