/** The three faces of an answer: on its way, failed, here. */
import type { UseQueryResult } from '@tanstack/react-query';
import { ErrorNotice } from './ErrorNotice.tsx';
import { Loading } from './Loading.tsx';

export interface AnswerProps<T> {
  readonly of: UseQueryResult<T>;
  readonly rows?: number;
  readonly children: (value: T) => React.ReactNode;
}

export function Answer<T>({ of, rows, children }: AnswerProps<T>) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.isError) return <ErrorNotice error={of.error} onRetry={() => void of.refetch()} />;
  return <Loading {...(rows === undefined ? {} : { rows })} />;
}
