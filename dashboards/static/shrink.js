// A photo made small on the phone: a slow line carries 300 KB where the camera made 5 MB.
const LONGEST_PX = 2048;
const QUALITY = 0.85;

// The file itself if the browser cannot read it as a picture: the server says what is wrong with it.
export async function shrunk(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const share = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(picture.width * share), Math.round(picture.height * share)];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return blob ?? file;
  } catch {
    return file;
  }
}
