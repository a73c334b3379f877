// Files out of drops, pastes and pickers.

export function filesOf(data: DataTransfer | null): File[] {
  return data ? [...data.files] : [];
}

/** Pasted text keeps its way into the field; only images are taken. */
export function imagesOf(data: DataTransfer | null): File[] {
  return filesOf(data).filter((file) => file.type.startsWith('image/'));
}

/** What the picker offers. HEIC is listed: Safari reads it, others say so in a sentence. */
export const IMAGE_TYPES = ['image/*', '.heic', '.heif'];
