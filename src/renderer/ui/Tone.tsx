/** A state in one word with a mark whose shape differs as well as its colour. */
import './data.css';

export type ToneName = 'good' | 'active' | 'warning' | 'alarm' | 'idle';

export function Tone({ tone, children }: { readonly tone: ToneName; readonly children: React.ReactNode }) {
  return (
    <span className="tone" data-tone={tone}>
      {children}
    </span>
  );
}
