import { useMutation } from '@tanstack/react-query'
import { queryClient, trpc } from '../rpc/client'
import { importFiles } from './import-files'

/** Hands files to the workbench; `data` lists those that could not be read here. */
export function useImport(set: string) {
  return useMutation({
    mutationKey: ['import', set],
    mutationFn: (files: readonly File[]) => importFiles(set, files),
    onSuccess: () => queryClient.invalidateQueries(trpc.status.queryFilter()),
  })
}
