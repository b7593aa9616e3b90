/** The empty state: what the page does, a place to drop on, a picker, an address, recent files, samples. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { problemOf } from "../state/problem.js";
import { missing, openFiles, problem } from "../state/store.js";
import { formatBytes } from "../words/format.js";
import { isOneFile } from "./core.js";
import { openAddress, openPicked, openSample, switchTo } from "./open.js";
import { pickFiles } from "./picker.js";
import { fileOf, type Recent, readRecent, recentFiles } from "./recent.js";
import { samples } from "./samples.js";

export function Welcome() {
  useEffect(() => void readRecent(), []);
  return (
    <main class="welcome">
      <div class="welcome-inner">
        <p class="lead">Look inside Torch7 files: every table, object and tensor of a .t7 file.</p>
        <Missing />
        <div class="drop-target">
          <p class="drop-hint">Drop a .t7 file anywhere in this window, or several, or a folder</p>
          <button type="button" class="button primary" onClick={() => void pickFiles()}>
            Open a file
          </button>
          <p class="quiet">Nothing is uploaded: the file is read on this computer.</p>
        </div>
        {!isOneFile && <AddressForm />}
        <OpenAlready />
        <RecentFiles />
        <Samples />
        {!isOneFile && (
          <p class="quiet">
            <a href="torchfile.html" download="torchfile.html">
              Keep this page as one file
            </a>
            : it works from your disk, without a network.
          </p>
        )}
      </div>
    </main>
  );
}

function Samples() {
  if (samples.length === 0) return null;
  return (
    <>
      <h2 class="samples-title">Or look at a sample</h2>
      <ul class="samples">
        {samples.map((sample) => (
          <li key={sample.file}>
            <button type="button" class="sample" onClick={() => void openSample(sample.file)}>
              <span class="sample-title">{sample.title}</span>
              <span class="quiet">{sample.note}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** After a reload: the page may not open a local file by itself. */
function Missing() {
  const file = missing.value;
  if (file === null) return null;
  const recent = recentFiles.value.find(({ name }) => name === file.name);
  const open = () => void (recent === undefined ? pickFiles() : openRecent(recent));
  return (
    <div class="missing" role="status">
      <p>
        This page showed <bdi class="missing-name">{file.name}</bdi>
        {file.size > 0 && ` (${formatBytes(file.size)})`}. A page may not read a file again by
        itself.
      </p>
      <button type="button" class="button" onClick={open}>
        Open <bdi>{file.name}</bdi> again
      </button>
    </div>
  );
}

function AddressForm() {
  const typed = useSignal("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed.value.trim() !== "") void openAddress(typed.value);
  };
  return (
    <form class="address" onSubmit={submit}>
      <input
        class="address-text"
        type="text"
        inputMode="url"
        aria-label="Address of a file"
        placeholder="https://… address of a .t7 file"
        spellcheck={false}
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="button">
        Open address
      </button>
    </form>
  );
}

function OpenAlready() {
  const files = openFiles.value;
  if (files.length === 0) return null;
  return (
    <NamedFiles
      title="Open"
      files={files.map((file) => ({ name: file.picked.name, open: () => switchTo(file) }))}
    />
  );
}

function RecentFiles() {
  const files = recentFiles.value;
  if (files.length === 0) return null;
  return (
    <NamedFiles
      title="Opened before"
      files={files.map((recent) => ({ name: recent.name, open: () => void openRecent(recent) }))}
    />
  );
}

interface NamedFilesProps {
  title: string;
  files: Array<{ name: string; open: () => void }>;
}

function NamedFiles({ title, files }: NamedFilesProps) {
  return (
    <>
      <h2 class="samples-title">{title}</h2>
      <ul class="named-files">
        {files.map(({ name, open }, i) => (
          <li key={i}>
            <button type="button" class="link" onClick={open}>
              <bdi>{name}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

async function openRecent({ name, handle }: Recent): Promise<void> {
  try {
    const file = await fileOf(handle);
    if (file !== null) await openPicked({ input: file, name, schema: "", handle });
  } catch (error) {
    problem.value = problemOf(error, name);
  }
}
