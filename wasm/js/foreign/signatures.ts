/** How files that are not `.t7` begin, what they are, and what to do about each. */

/** One kind of file by its first bytes. */
export interface Signature {
  /** Bytes as Latin-1 text. */
  magic: string;
  /** Where they stand; 0 unless told. */
  at?: number;
  /** What the file is, to stand after "this is". */
  is: string;
  /** What to do next. */
  hint: string;
}

const unpack = "Unpack it first, then open the .t7 file inside.";
const picture =
  "Open it with a program for pictures. Tensors saved by Torch have names that end in .t7.";
const sound = "Open it with a program for sound or film.";
const wrongFile = "Check that you chose the right file.";
const pickle =
  "Open it in Python: torch.load(path) if it was made by PyTorch, else pickle.load. Open only files " +
  "you trust: reading a pickle can run programs.";
const pytorch =
  "PyTorch's files are a format of their own. Open it in Python with torch.load(path, map_location='cpu').";
const program = `This is a program or a library, not data. ${wrongFile}`;
const lfs =
  "The file holds only a note of where the data is. Run git lfs install and then git lfs pull in the " +
  "folder of the repository, or download the file with the button on its web page.";
const web =
  "The download gave a web page instead of the file, often because of a login, a warning or a broken " +
  "link. Open the file in a text editor to see what the page says, then download again.";
const ggml = "Open it with the program that it was made for, or convert it to GGUF.";
const bytecode =
  "This is a compiled Lua program without data. Load it with the Lua that made it (loadfile).";

/** The first that fits wins, so the longer ones come first. */
export const signatures: readonly Signature[] = [
  { magic: "version https://git-lfs", is: "a Git LFS pointer", hint: lfs },
  {
    magic: "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19",
    is: "a PyTorch file of the old kind (before version 1.6)",
    hint: pytorch,
  },
  // Enough for the four bytes of a type code.
  {
    magic: "\x80\x02\x8a\x0a",
    is: "a PyTorch file of the old kind (before version 1.6)",
    hint: pytorch,
  },
  { magic: "\x80\x02", is: "a Python pickle (protocol 2)", hint: pickle },
  { magic: "\x80\x03", is: "a Python pickle (protocol 3)", hint: pickle },
  { magic: "\x80\x04\x95", is: "a Python pickle (protocol 4)", hint: pickle },
  { magic: "\x80\x05\x95", is: "a Python pickle (protocol 5)", hint: pickle },
  {
    magic: "\x89HDF\r\n\x1a\n",
    is: "an HDF5 file (also used by Keras and by MATLAB 7.3)",
    hint: "Open it in Python with h5py.File(path), in Lua with the hdf5 package, or with an HDF5 viewer.",
  },
  { magic: "\x89HDF", is: "an HDF5 file", hint: "Open it in Python with h5py.File(path)." },
  {
    magic: "\x93NUMPY",
    is: "a NumPy array (.npy)",
    hint: "Open it in Python with numpy.load(path).",
  },
  {
    magic: "\x93NUM",
    is: "a NumPy array (.npy)",
    hint: "Open it in Python with numpy.load(path).",
  },
  {
    magic: "MATLAB ",
    is: "a MATLAB file (.mat)",
    hint: "Open it in MATLAB, or in Python with scipy.io.loadmat(path).",
  },
  { magic: "\x1f\x8b", is: "a gzip archive", hint: unpack },
  { magic: "\x1f\x9d", is: "a compressed file (.Z)", hint: unpack },
  { magic: "\xfd7zXZ\0", is: "an xz archive", hint: unpack },
  { magic: "\xfd7zX", is: "an xz archive", hint: unpack },
  { magic: "\x28\xb5\x2f\xfd", is: "a Zstandard archive (.zst)", hint: unpack },
  { magic: "\x04\x22\x4d\x18", is: "an LZ4 archive", hint: unpack },
  { magic: "BZh", is: "a bzip2 archive", hint: unpack },
  { magic: "7z\xbc\xaf\x27\x1c", is: "a 7-Zip archive", hint: unpack },
  { magic: "Rar!\x1a\x07", is: "a RAR archive", hint: unpack },
  { magic: "lmgg", is: "a ggml model (llama.cpp, whisper.cpp)", hint: ggml },
  { magic: "tjgg", is: "a ggml model (llama.cpp)", hint: ggml },
  { magic: "fmgg", is: "a ggml model (llama.cpp)", hint: ggml },
  {
    magic: "sys_info\0",
    is: "a PyTorch file of 2016 (a tar archive with sys_info)",
    hint: pytorch,
  },
  { magic: "ustar", at: 257, is: "a tar archive", hint: unpack },
  { magic: "\x1bLJ", is: "LuaJIT bytecode", hint: bytecode },
  { magic: "\x1bLua", is: "Lua bytecode", hint: bytecode },
  { magic: "\x89PNG", is: "a picture (PNG)", hint: picture },
  { magic: "\xff\xd8\xff", is: "a picture (JPEG)", hint: picture },
  { magic: "GIF8", is: "a picture (GIF)", hint: picture },
  { magic: "II*\0", is: "a picture (TIFF)", hint: picture },
  { magic: "MM\0*", is: "a picture (TIFF)", hint: picture },
  { magic: "8BPS", is: "a picture (Photoshop)", hint: picture },
  { magic: "WEBP", at: 8, is: "a picture (WebP)", hint: picture },
  { magic: "WAVE", at: 8, is: "a sound file (WAV)", hint: sound },
  { magic: "OggS", is: "a sound file (Ogg)", hint: sound },
  { magic: "fLaC", is: "a sound file (FLAC)", hint: sound },
  { magic: "ftyp", at: 4, is: "a film or sound file (MP4)", hint: sound },
  { magic: "%PDF", is: "a PDF document", hint: wrongFile },
  { magic: "\x7fELF", is: "a Linux program", hint: program },
  { magic: "\xcf\xfa\xed\xfe", is: "a macOS program", hint: program },
  { magic: "MZ\x90\0", is: "a Windows program", hint: program },
  {
    magic: "SQLite format 3\0",
    is: "an SQLite database",
    hint: "Open it with sqlite3, or with Python's module of that name.",
  },
  {
    magic: "GGUF",
    is: "a GGUF model (llama.cpp)",
    hint: "Open it with llama.cpp or its gguf package.",
  },
  {
    magic: "PAR1",
    is: "a Parquet table",
    hint: "Open it in Python with pandas.read_parquet(path).",
  },
  { magic: "ARROW1", is: "an Arrow table", hint: "Open it in Python with pyarrow." },
  { magic: "TFL3", at: 4, is: "a TensorFlow Lite model", hint: "Open it with TensorFlow Lite." },
];

/** Files of protocol buffers, which have no magic number. */
export const onnx = {
  is: "a file of protocol buffers, probably an ONNX model",
  hint: "Open it in Python with onnx.load(path), or look at it with Netron.",
};
export const graphDef = {
  is: "a file of protocol buffers, probably a TensorFlow graph or a Caffe model",
  hint: "Open it with the framework that made it, or look at it with Netron.",
};

/** Text that begins like this, after white space, is a certain kind of text. */
export const textSignatures: readonly { pattern: RegExp; is: string; hint: string }[] = [
  { pattern: /^(<!doctype html|<html|<head|<body)/i, is: "a web page (HTML)", hint: web },
  {
    pattern: /^(<\?xml[\s\S]*)?<opencv_storage/,
    is: "an OpenCV file (XML)",
    hint: "Open it with OpenCV's FileStorage.",
  },
  {
    pattern: /^%YAML:1\.0/,
    is: "an OpenCV file (YAML)",
    hint: "Open it with OpenCV's FileStorage.",
  },
  { pattern: /^<\?xml[\s\S]*?<error>/i, is: "an error message of a server (XML)", hint: web },
  { pattern: /^(<\?xml|<svg)/i, is: "an XML file", hint: wrongFile },
  {
    pattern: /^(\{\s*("|\}|$)|\[\s*([[{"\]\d-]|$))/,
    is: "a JSON file",
    hint: "Open it with any program for JSON. If it is an answer of a server, it says what went wrong.",
  },
  {
    pattern:
      /^(#![^\n]*\b(lua|luajit|th)\b|--|local\s+\w|require\s*[('"]|return\s*[{(]|function\s+\w)/,
    is: "a Lua program in source form",
    hint: "Run it with Torch (th file.lua); it may write the .t7 file that you look for.",
  },
  { pattern: /^#!/, is: "a script", hint: wrongFile },
  {
    pattern: /^\((dp|lp|i[a-z])|^c[a-z_]+\n[a-z_A-Z]+\n/,
    is: "a Python pickle (protocol 0)",
    hint: pickle,
  },
];

/** Zip archives by the name of their first file, which stands at byte 30. */
export const zipSignatures: readonly { pattern: RegExp; is: string; hint: string }[] = [
  {
    pattern:
      /(^|\/)(data\.pkl|constants\.pkl|byteorder|version|\.format_version|\.data\/|code\/)|^archive\//,
    is: "a PyTorch file (version 1.6 or later)",
    hint: pytorch,
  },
  {
    pattern: /\.npy$/,
    is: "NumPy arrays (.npz)",
    hint: "Open it in Python with numpy.load(path).",
  },
  {
    pattern: /^(metadata|config)\.json$|model\.weights\.h5$/,
    is: "a Keras model",
    hint: "Open it in Python with keras.models.load_model(path).",
  },
];

export const zipHint = unpack;
export const textHint =
  "A .t7 file holds numbers, not readable text. Open it in a text editor: it may say why the " +
  "download failed. If Torch wrote it by hand (raw numbers or text), give a schema.";
export const zerosHint =
  "The data is missing: an interrupted download or copy often leaves this. Get the file again.";
export const emptyHint =
  "Nothing was written: the download or torch.save failed. Get the file again.";
