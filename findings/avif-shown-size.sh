#!/usr/bin/env bash
# image-size 2.1.0 and probe-image-size 7.5.0 (npm) on AVIF files that avifenc wrote with --irot 1 and with --clap.
#
# Good guess: a reader of headers tells the size in which a picture is shown, or the stored one with an orientation as Exif numbers it.
# Seen:
#   * irot 1 (a quarter turn anticlockwise, so 32x20 is shown as 20x32): both tell 32x20. probe-image-size adds orientation 6, which in Exif is a quarter
#     turn CLOCKWISE; decoded by libheif (sharp 0.34.4) the stored top left corner is shown at the bottom left, which Exif calls 8.
#   * clap 16x8 inside 32x20: image-size tells 31x20, which is neither the stored nor the shown size; probe-image-size tells 32x20. libheif shows 16x8.
# So a width and height from them may not go into a layout, and the orientation turns such a picture upside down.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund image-size@2.1.0 probe-image-size@7.5.0 sharp@0.34.4 > /dev/null
cat > look.mjs <<'JS'
import { imageSize } from 'image-size';
import probe from 'probe-image-size';
import sharp from 'sharp';

// 32x20, white, with a red square in the stored top left corner; then a plain one of the same size. Made for this page.
const turned = Buffer.from('AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAD8bWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAAAAAAEA'
  + 'AAAeaWxvYwAAAABEAAABAAEAAAABAAABJAAAACgAAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAdGlwcnAAAABUaXBjbwAAABRpc3BlAAAAAAAAACAA'
  + 'AAAUAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgSAAAAAAABNjb2xybmNseAABAA0ABoAAAAAJaXJvdAEAAAAYaXBtYQAAAAAAAAABAAEFAQKDBIUAAAAwbWRhdBIACgg4ET82EBDQ'
  + 'aTIaRZABhhhhQLcsv5JHRhfimHwTfHglS3sacoA=', 'base64');
const cropped = Buffer.from('AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAEbbWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAAAAAAEA'
  + 'AAAeaWxvYwAAAABEAAABAAEAAAABAAABQwAAABcAAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAk2lwcnAAAABzaXBjbwAAABRpc3BlAAAAAAAAACAA'
  + 'AAAUAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgSAAAAAAABNjb2xybmNseAABAA0ABoAAAAAoY2xhcAAAABAAAAABAAAACAAAAAEAAAAAAAAAAQAAAAAAAAABAAAAGGlwbWEAAAAA'
  + 'AAAAAQABBQECgwSFAAAAH21kYXQSAAoIOBE/NhAQ0GkyCRZABhhhhAAOQA==', 'base64');

async function shown(file) {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const isRed = (x, y) => data[(y * info.width + x) * info.channels + 1] < 128;
  const corners = { 'top left': isRed(2, 2), 'top right': isRed(info.width - 3, 2), 'bottom left': isRed(2, info.height - 3), 'bottom right': isRed(info.width - 3, info.height - 3) };
  return `${info.width}x${info.height}` + (Object.keys(corners).filter(each => corners[each]).map(each => `, red at the ${each}`).join(''));
}
const size = ({ width, height }) => `${width}x${height}`;
for (const [name, file] of [['irot 1', turned], ['clap 16x8', cropped]]) {
  const probed = probe.sync(file);
  console.log(`${name}: shown ${await shown(file)}; image-size ${size(imageSize(file))}; probe-image-size ${size(probed)}, orientation ${probed.orientation ?? 'none'}`);
}
JS
node look.mjs | tee seen
diff seen - <<'TXT'
irot 1: shown 20x32, red at the bottom left; image-size 32x20; probe-image-size 32x20, orientation 6
clap 16x8: shown 16x8; image-size 31x20; probe-image-size 32x20, orientation none
TXT
