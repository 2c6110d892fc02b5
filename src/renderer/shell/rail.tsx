/** The pages, always in sight at the left. */
import { strings } from '../strings'
import { useCommands } from './commands'
import { PAGES } from './pages'
import { go, hrefTo, usePlace } from './routes'

/** Alt with a number; the settings have their own, as everywhere. */
function keysOfPage(id: string, at: number): string | undefined {
  return id === 'settings' ? 'mod+,' : at < 9 ? `alt+${at + 1}` : undefined
}

export function Rail() {
  const { page } = usePlace()
  useCommands(
    PAGES.map(({ id }, at) => ({
      id: `go.${id}`,
      title: strings.rail.go(strings.pages[id]),
      keys: keysOfPage(id, at),
      run: () => go(`/${id}`),
    })),
  )
  return (
    <nav className="rail" aria-label={strings.rail.title}>
      {PAGES.map(({ id, icon: Icon, load }) => (
        <a
          key={id}
          href={hrefTo(`/${id}`)}
          aria-current={id === page ? 'page' : undefined}
          data-page={id}
          onPointerEnter={() => void load()}
        >
          <Icon size={17} strokeWidth={1.75} aria-hidden="true" />
          <span>{strings.pages[id]}</span>
        </a>
      ))}
    </nav>
  )
}
