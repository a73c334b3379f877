// Rename and delete, behind one button.

import { Button } from 'react-aria-components/Button';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components/Menu';
import { Icon } from '../icon';

interface ChatMenuProps {
  readonly title: string;
  readonly onRename: () => void;
  readonly onDelete: () => void;
}

export default function ChatMenu({ title, onRename, onDelete }: ChatMenuProps) {
  return (
    <MenuTrigger>
      <Button className="icon-button small" aria-label={`More for ${title}`}>
        <Icon name="more" />
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu">
          <MenuItem className="menu-item" onAction={onRename}>
            Rename
          </MenuItem>
          <MenuItem className="menu-item" onAction={onDelete}>
            Delete
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
