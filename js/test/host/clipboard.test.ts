/** Copying text, also where the page may not use the clipboard. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { copyText } from "../../src/host/clipboard";

let near: HTMLButtonElement;
const selected: string[] = [];

/** What a browser does with `document.execCommand("copy")`: takes what is selected. */
function allowSelections(isAllowed: boolean): void {
  document.execCommand = () => {
    selected.push(document.querySelector("textarea")?.value ?? "");
    return isAllowed;
  };
}

function refuseClipboard(): void {
  const refusal = () => Promise.reject(new DOMException("Not allowed", "NotAllowedError"));
  vi.spyOn(navigator.clipboard, "writeText").mockImplementation(refusal);
  vi.spyOn(navigator.clipboard, "write").mockImplementation(refusal);
}

beforeEach(() => {
  near = document.createElement("button");
  document.body.replaceChildren(near);
  selected.length = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("text", () => {
  it("is copied at once", async () => {
    expect(await copyText("é 😀", near)).toBe(true);
    expect(await navigator.clipboard.readText()).toBe("é 😀");
  });

  it("that is still to come is promised to the clipboard", async () => {
    expect(await copyText(Promise.resolve("later"), near)).toBe(true);
    expect(await navigator.clipboard.readText()).toBe("later");
  });

  it("is copied by way of a selection where the clipboard is refused", async () => {
    refuseClipboard();
    allowSelections(true);
    expect(await copyText("a\nb", near)).toBe(true);
    expect(selected).toEqual(["a\nb"]);
    expect(document.querySelector("textarea")).toBeNull();
    expect(document.activeElement).toBe(near);
  });

  it("that is still to come cannot be selected, and that is told", async () => {
    refuseClipboard();
    allowSelections(true);
    expect(await copyText(Promise.resolve("later"), near)).toBe(false);
    expect(selected).toEqual([]);
  });

  it("that never comes, in a page without a clipboard, is not said to be copied", async () => {
    vi.stubGlobal("navigator", {});
    expect(await copyText(Promise.reject(new Error("Gone")), near)).toBe(false);
    vi.unstubAllGlobals();
  });

  it("is not said to be copied where nothing could be done", async () => {
    refuseClipboard();
    allowSelections(false);
    expect(await copyText("x", near)).toBe(false);
  });
});
