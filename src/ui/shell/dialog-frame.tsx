// The frame all dialogs share: a modal sheet with a title and a way out.

import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Button } from 'react-aria-components/Button';
import { Icon } from '../icon';
import { closeOverlay } from '../overlays';

interface DialogFrameProps {
  readonly title: string;
  readonly size?: 'small' | 'medium' | 'wide';
  readonly role?: 'dialog' | 'alertdialog';
  /** A click outside does not close: what was typed would be lost. */
  readonly keepsInput?: boolean;
  readonly children: ReactNode;
}

export function DialogFrame({
  title,
  size = 'medium',
  role = 'dialog',
  keepsInput = false,
  children,
}: DialogFrameProps) {
  return (
    <ModalOverlay
      className="scrim"
      isOpen
      isDismissable={!keepsInput && role === 'dialog'}
      onOpenChange={(isOpen) => {
        if (!isOpen) closeOverlay();
      }}
    >
      <Modal className={`sheet ${size}`}>
        <Dialog className="dialog" role={role}>
          <header className="dialog-head">
            <Heading slot="title">{title}</Heading>
            <Button className="icon-button" aria-label="Close" onPress={closeOverlay}>
              <Icon name="close" />
            </Button>
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
