/** Short messages at the edge of the screen: errors stay until they are read, confirmations go by themselves. */
import { CloseButton, Text } from '@mantine/core';
import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import { asVidimusError } from '../../contract/errors.ts';
import { ErrorNotice } from './ErrorNotice.tsx';

type Toast = { readonly id: number } & ({ readonly error: unknown } | { readonly message: string });

const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));
const SECONDS = 4;
let counter = 0;

const drop = (id: number): void => useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((t) => t.id !== id) }));

/** Says that something was done. */
export function say(message: string): void {
  counter += 1;
  const id = counter;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { id, message }] }));
  setTimeout(() => drop(id), SECONDS * 1000);
}

/** Shows an error; what was cancelled by the examiner is no news to them. */
export function sayError(error: unknown): void {
  if (asVidimusError(error).family === 'cancelled') return;
  counter += 1;
  const id = counter;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-2), { id, error }] }));
}

/** Where the messages appear; once per window. */
export function Toasts() {
  const { t } = useTranslation();
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className="toasts" aria-live="polite">
      {toasts.map((toast) =>
        'error' in toast ? (
          <ErrorNotice key={toast.id} error={toast.error}>
            <CloseButton size="xs" aria-label={t('close')} onClick={() => drop(toast.id)} />
          </ErrorNotice>
        ) : (
          <div key={toast.id} className="notice" role="status">
            <Check size={16} aria-hidden className="notice-icon" />
            <Text size="sm">{toast.message}</Text>
          </div>
        ),
      )}
    </div>
  );
}
