/** What starts a job anew after the workbench was closed: its kind with its input, as the workbench's calls take it. */
import { z } from 'zod'
import { benchOptions } from '../../shared/bench'
import { calibrateOptions } from '../../shared/calibration'
import { calibrateProfilesOptions, CODED_PROFILES } from '../../shared/profile'
import { buildOptions } from '../../shared/workbench'

const set = z.string()
const model = z.string()

export const jobSpec = z.discriminatedUnion('job', [
  z.object({ job: z.literal('import'), set, paths: z.array(z.string()) }),
  z.object({ job: z.literal('upload'), set, files: z.array(z.object({ name: z.string(), text: z.string() })) }),
  z.object({ job: z.literal('uploaded'), set, upload: z.uuid() }),
  z.object({ job: z.literal('sync'), set, folders: z.array(z.string()) }),
  z.object({ job: z.literal('build'), set, options: buildOptions }),
  z.object({ job: z.literal('check'), model }),
  z.object({ job: z.literal('calibrate'), model, options: calibrateOptions }),
  z.object({ job: z.literal('profiles'), model, options: calibrateProfilesOptions }),
  z.object({ job: z.literal('recode'), set, profile: z.enum(CODED_PROFILES) }),
  z.object({ job: z.literal('scrub'), set: set.optional() }),
  z.object({ job: z.literal('bench'), options: benchOptions }),
])
export type JobSpec = z.infer<typeof jobSpec>
