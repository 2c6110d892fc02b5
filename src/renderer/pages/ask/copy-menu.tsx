/** The question as text for elsewhere. */
import { Menu } from '@mantine/core'
import { Copy } from 'lucide-react'
import type { AskInput } from '../../../shared/answer'
import { copiedQuery, COPY_FORMS, type CopyForm } from '../../../shared/copied-query'
import { bridge } from '../../rpc/client'
import { toast } from '../../shell/undo'
import { strings } from '../../strings'
import { copyText } from '../../ui/copy'

const texts = strings.copying
/** Where `kvasir serve --port 8080` would answer: the window itself has no address. */
const USUAL_ADDRESS = 'http://127.0.0.1:8080'

export function CopyMenu({ request }: { readonly request: AskInput }) {
  const copy = async (form: CopyForm): Promise<void> => {
    await copyText(copiedQuery(form, { request, address: bridge ? USUAL_ADDRESS : location.origin }))
    const isShorter = form === 'command' && (request.history?.length ?? 0) > 0
    toast(isShorter ? texts.withoutHistory : form === 'command' ? texts.copied(texts[form]) : texts.copiedWithToken(texts[form]))
  }
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className="button small">
          <Copy size={12} aria-hidden="true" /> {texts.menu}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {COPY_FORMS.map((form) => (
          <Menu.Item key={form} onClick={() => void copy(form)}>
            {texts[form]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
