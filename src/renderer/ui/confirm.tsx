/** Asks before what cannot be taken back. The safe answer has the focus. */
import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import './notice.css';

interface Question {
  readonly title: string;
  readonly text: string;
  /** What will happen, one by one. */
  readonly points?: readonly string[];
  /** The verb on the button that goes on. */
  readonly action: string;
  readonly danger?: boolean;
}

interface Pending {
  readonly question: Question;
  readonly answer: (yes: boolean) => void;
}

const useQuestion = create<{ pending: Pending | null }>(() => ({ pending: null }));

/** Asks and answers whether to go on. */
export const confirm = (question: Question): Promise<boolean> =>
  new Promise((resolve) => {
    useQuestion.getState().pending?.answer(false);
    useQuestion.setState({
      pending: {
        question,
        answer: (yes) => {
          useQuestion.setState({ pending: null });
          resolve(yes);
        },
      },
    });
  });

/** Where questions appear; once per window. */
export function ConfirmHost() {
  const { t } = useTranslation();
  const pending = useQuestion((state) => state.pending);
  return (
    <Modal
      opened={pending !== null}
      onClose={() => pending?.answer(false)}
      title={pending?.question.title}
      closeButtonProps={{ 'aria-label': t('close') }}
      size="md"
      // Above a drawer, which may have asked.
      zIndex={300}
    >
      <Stack gap="md">
        <Text size="sm">{pending?.question.text}</Text>
        {pending?.question.points && (
          <List size="sm" spacing={4} className="points">
            {pending.question.points.map((point) => (
              <List.Item key={point}>{point}</List.Item>
            ))}
          </List>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={() => pending?.answer(false)}>
            {t('cancel')}
          </Button>
          <Button color={pending?.question.danger ? 'ember' : 'accent'} onClick={() => pending?.answer(true)}>
            {pending?.question.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
