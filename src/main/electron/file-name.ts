import { basename } from 'node:path'

/** A name that every file system takes, without a folder. */
export function fileName(name: string): string {
  const plain = basename(name.replaceAll('\\', '/'))
    .replaceAll(/[\p{Cc}<>:"/\\|?*]/gu, '-')
    .replace(/^[.\s]+|[.\s]+$/g, '')
  return plain || 'kvasir'
}
