/** Saving a file through the browser. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { saveFile } from "../../src/host/files";
import { bytes } from "../kernel";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("a file has its name and its parts, and is let go a minute later", async () => {
  const made: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    made.push(blob as Blob);
    return "blob:1";
  });
  const revoked = vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => {});
  const saved: [string, string][] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved.push([this.href, this.download]);
  });
  saveFile("run-logs.csv", [bytes("a,b\n"), bytes("1,2\n")]);
  expect(saved).toEqual([["blob:1", "run-logs.csv"]]);
  expect(await made[0]?.text()).toBe("a,b\n1,2\n");
  vi.advanceTimersByTime(59_999);
  expect(revoked).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(revoked).toHaveBeenCalledWith("blob:1");
});
