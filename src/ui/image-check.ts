// Whether a file is a picture this browser can read, asked of the browser itself before anything is sent on.

/** Below one cell of the patch encoder's grid nothing can be recognised. */
const MIN_EDGE_PX = 16;

/** A sentence when the file cannot be used, else undefined. */
export async function checkImage(file: Blob): Promise<string | undefined> {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    if (Math.min(width, height) >= MIN_EDGE_PX) return undefined;
    return `This picture is only ${width} × ${height} pixels. Use a larger one.`;
  } catch (error) {
    console.info('not a readable image', error);
    const isHeic = /hei[cf]/.test(file.type) || (file instanceof File && /\.hei[cf]$/i.test(file.name));
    return isHeic
      ? 'This browser cannot read HEIC. Save it as JPEG, or open Jarvis in Safari.'
      : 'This file is not a picture this browser can read. Try a JPEG or PNG.';
  }
}
