/** Grey rows in place of content that is on its way; says so to screen readers. */
import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function Loading({ rows = 4 }: { readonly rows?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap={8} role="status" p="xs">
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
      {Array.from({ length: rows }, (_, i) => `row${i}`).map((key) => (
        <Skeleton key={key} height={18} radius={2} />
      ))}
    </Stack>
  );
}
