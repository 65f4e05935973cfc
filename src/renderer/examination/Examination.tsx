/** The examination of one exhibit. */
import { useTranslation } from 'react-i18next';
import { Screen } from '../ui/Screen.tsx';

export interface ExaminationProps {
  /** Handle of the open case. */
  readonly caseId: string;
  readonly exhibitId: string;
}

export function Examination({ exhibitId }: ExaminationProps) {
  const { t } = useTranslation('viewer');
  return <Screen title={t('title')}>{exhibitId}</Screen>;
}
