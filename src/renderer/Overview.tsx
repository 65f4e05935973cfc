/** What this workstation has: tools, providers and model packs. */
import { useEffect, useState } from 'react';
import type { DoctorItem, PackList } from '../contract/api.ts';
import { asVidimusError, type VidimusError } from '../contract/errors.ts';
import { call } from './client.ts';

type Loaded<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; error: VidimusError };

function useCall<T>(load: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: loaded once, when the screen opens
  useEffect(() => {
    load().then(
      (value) => setLoaded({ state: 'ready', value }),
      (thrown: unknown) => setLoaded({ state: 'failed', error: asVidimusError(thrown) }),
    );
  }, []);
  return loaded;
}

function Failure({ error }: { error: VidimusError }) {
  return (
    <p role="alert">
      {error.message} {error.advice} <code>{error.code}</code>
    </p>
  );
}

/** First screen. */
export function Overview() {
  const doctor = useCall<DoctorItem[]>(() => call('doctor', {}));
  const packs = useCall<PackList>(() => call('models.list', {}));
  return (
    <main>
      <h1>Vidimus</h1>
      <h2>This workstation</h2>
      {doctor.state === 'loading' && <p>Looking…</p>}
      {doctor.state === 'failed' && <Failure error={doctor.error} />}
      {doctor.state === 'ready' && (
        <table>
          <tbody>
            {doctor.value.map((item) => (
              <tr key={item.name}>
                <th scope="row">{item.name}</th>
                <td>{item.state}</td>
                <td>{item.found}</td>
                <td>{item.advice}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h2>Model packs</h2>
      {packs.state === 'failed' && <Failure error={packs.error} />}
      {packs.state === 'ready' && packs.value.packs.length === 0 && <p>No model pack is installed.</p>}
      {packs.state === 'ready' && (
        <ul>
          {packs.value.packs.map(({ manifest, problem }) => (
            <li key={`${manifest.id}@${manifest.version}`}>
              {manifest.name} {manifest.version} ({manifest.task}) {problem}
            </li>
          ))}
        </ul>
      )}
    </main>
  );
}
