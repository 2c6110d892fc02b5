/** Which quality the charts show; remembered, and the same in all of them. */
import { SegmentedControl } from '@mantine/core'
import { TRADE_QUALITIES, type TradeQuality } from '../../../shared/bench'
import { usePreference } from '../../shell/preferences'
import { strings } from '../../strings'

const texts = strings.benchReport

export function useQuality(): readonly [quality: TradeQuality, set: (quality: TradeQuality) => void] {
  const [kept, set] = usePreference<string>('bench.quality', 'exactMatch')
  return [TRADE_QUALITIES.find((each) => each === kept) ?? 'exactMatch', set]
}

interface Props {
  readonly quality: TradeQuality
  readonly onQuality: (quality: TradeQuality) => void
}

export function QualityChoice({ quality, onQuality }: Props) {
  return (
    <SegmentedControl<TradeQuality>
      size="xs"
      aria-label={texts.quality}
      value={quality}
      onChange={onQuality}
      data={TRADE_QUALITIES.map((value) => ({ value, label: texts.qualities[value] }))}
    />
  )
}
