// The page's few icons: one stroke, the colour of the text beside them.

const PATHS = {
  add: 'M12 5v14M5 12h14',
  attach: 'M4 17l5-5 4 4 3-3 4 4M4 5h16v14H4zM9 9.5a.5.5 0 1 1-1 0 .5.5 0 0 1 1 0',
  back: 'M15 5l-7 7 7 7',
  chat: 'M4 5h16v11H10l-4 4v-4H4z',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
  list: 'M4 6h16M4 12h16M4 18h10',
  memory: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  more: 'M5 11.5v1M12 11.5v1M19 11.5v1',
  redo: 'M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5',
  send: 'M12 19V5M6 11l6-6 6 6',
  stop: 'M7 7h10v10H7z',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
