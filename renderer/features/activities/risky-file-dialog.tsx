import { Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Dialog } from '../../ui/dialog.tsx';

/** Programs and scripts are opened only when the person says so, with the name of the file in sight. */
export function RiskyFileDialog({ fileName, onClose, onOpen }: { fileName: string; onClose: () => void; onOpen: () => void }) {
  return (
    <Dialog onClose={onClose} title="Open this file?" size={480}>
      <Stack gap="sm">
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <IconAlertTriangle size={22} aria-hidden style={{ flex: 'none' }} />
          <div>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {fileName}
            </Text>
            <Text>It can run a program or change this computer. Open it only if you know who it is from and expected it.</Text>
          </div>
        </Group>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Leave it closed
          </Button>
          <Button color="red" onClick={onOpen}>
            Open anyway
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
