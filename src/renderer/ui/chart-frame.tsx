/** A chart or a table with its heading, what is behind it for who cannot see it, and a menu to take it along. */
import { Menu } from '@mantine/core'
import { Download } from 'lucide-react'
import { useRef, type ReactNode } from 'react'
import { toast } from '../shell/undo'
import { strings } from '../strings'
import { csvOf, download, jsonOf, markdownOf, pngOf, svgOf, type DataTable } from './export'
import { failureOf, inShort } from './failure'

const texts = strings.exporting

interface Props {
  /** Says what to see. */
  readonly title: string
  /** Of exported files, without ending: `hit-rates`. */
  readonly name: string
  readonly table: DataTable
  /** Beside the heading. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

/** Around one SVG chart. */
export function ChartFrame({ title, name, table, aside, children }: Props) {
  const body = useRef<HTMLDivElement>(null)
  const drawing = (): SVGSVGElement | null => body.current?.querySelector('svg') ?? null
  return (
    <figure className="chart" aria-label={title}>
      <figcaption className="line">
        <h3>{title}</h3>
        {aside}
        <ExportMenu title={title} name={name} table={table} drawing={drawing} />
      </figcaption>
      <div ref={body} className="chart-body" aria-hidden="true">
        {children}
      </div>
      <div className="hidden-text">
        <PlainTable title={title} table={table} />
      </div>
    </figure>
  )
}

/** Around a table that is drawn by `children`; `table` is what is exported. */
export function TableFrame({ title, name, table, aside, children }: Props) {
  return (
    <section className="chart" aria-label={title}>
      <div className="line">
        <h3>{title}</h3>
        {aside}
        <ExportMenu title={title} name={name} table={table} drawing={null} />
      </div>
      {children}
    </section>
  )
}

/** Lines of the table that is heard; a chart of thousands of points is no reading matter. */
const MOST_HEARD = 200

function PlainTable({ title, table }: { readonly title: string; readonly table: DataTable }) {
  return (
    <table>
      <caption>{texts.table(title)}</caption>
      <thead>
        <tr>
          {table.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.slice(0, MOST_HEARD).map((row, at) => (
          <tr key={at}>
            {row.map((cell, column) => (
              <td key={column}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface MenuProps {
  readonly title: string
  readonly name: string
  readonly table: DataTable
  readonly drawing: (() => SVGSVGElement | null) | null
}

function ExportMenu({ title, name, table, drawing }: MenuProps) {
  const picture = async (): Promise<void> => {
    const svg = drawing?.()
    try {
      if (svg) download(`${name}.png`, await pngOf(svg))
    } catch (error) {
      toast(inShort(failureOf(error)))
    }
  }
  const asSvg = (): void => {
    const svg = drawing?.()
    if (svg) download(`${name}.svg`, svgOf(svg).text, 'image/svg+xml')
  }
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className="icon push" aria-label={texts.menu(title)} title={texts.menu(title)}>
          <Download size={13} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {drawing && <Menu.Item onClick={() => void picture()}>{texts.asPng}</Menu.Item>}
        {drawing && <Menu.Item onClick={asSvg}>{texts.asSvg}</Menu.Item>}
        <Menu.Item onClick={() => download(`${name}.csv`, csvOf(table), 'text/csv')}>{texts.asCsv}</Menu.Item>
        <Menu.Item onClick={() => download(`${name}.json`, jsonOf(table), 'application/json')}>{texts.asJson}</Menu.Item>
        <Menu.Item onClick={() => download(`${name}.md`, markdownOf(table), 'text/markdown')}>{texts.asMarkdown}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
