/** Where a question's caches come from: the most faithful there are, or one profile alone. */
import { PROFILES, type Profile } from '../../shared/profile'
import { strings } from '../strings'

const texts = strings.profiles

interface Props {
  readonly label: string
  readonly className: string
  /** Null: the most faithful there are. */
  readonly value: Profile | null
  readonly onChange: (profile: Profile | null) => void
}

export function ProfilePicker({ label, className, value, onChange }: Props) {
  return (
    <select
      className={className}
      aria-label={label}
      title={texts.hint}
      value={value ?? ''}
      onChange={(event) => onChange(PROFILES.find((each): each is Profile => each === event.currentTarget.value) ?? null)}
    >
      <option value="">{texts.best}</option>
      {PROFILES.map((profile) => (
        <option key={profile} value={profile}>
          {texts.only(profile)}
        </option>
      ))}
    </select>
  )
}
