import { Alert, Button, Group, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';

/** Says that what was typed before is back, and offers to begin with an empty form instead. */
export function DraftNote({ text, onStartOver }: { text: string; onStartOver: () => void }) {
  return (
    <Alert variant="light" color="gray" icon={<IconInfoCircle size={18} />} py={8}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{text}</Text>
        <Button variant="subtle" size="compact-sm" onClick={onStartOver}>
          Start over
        </Button>
      </Group>
    </Alert>
  );
}
