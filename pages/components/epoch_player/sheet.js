// One run's frames, put where every player of the page finds them. The bytes are an identifier of 16 letters and a
// picture; each run has a message of its own, so that choosing another run sends that one and no other again.
const shelf = (globalThis.einstyleSheets ??= new Map());

export default function ({ data, parentElement }) {
  const bytes = new Uint8Array(data);
  const id = new TextDecoder().decode(bytes.subarray(0, 16));
  if (parentElement.sheet !== id) {
    shelf.delete(parentElement.sheet);
    shelf.set(id, bytes.slice(16));
    parentElement.sheet = id;
    globalThis.dispatchEvent(new CustomEvent("einstyle-sheet", { detail: id }));
  }
  return () => {
    shelf.delete(parentElement.sheet);
    parentElement.sheet = undefined;
  };
}
