import { language } from '../../strings'

/** "31 Jan 2025, 12:01", here. */
export function when(time: string): string {
  const format = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' })
  return format.format(new Date(time))
}
