/** Files that a person dropped or chose, as paths the application can read. */
import { VidimusError } from '../../contract/errors.ts';

/** @throws VidimusError usage.invalid where this host gives no paths */
export function pathsOf(_files: readonly File[]): Promise<string[]> {
  return Promise.reject(
    new VidimusError('usage.invalid', 'This window cannot tell where dropped files lie; enter their paths.'),
  );
}
