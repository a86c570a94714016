/** Light or dark, as each host has it. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { themeOf } from "../../src/host/theme";
import { el, pass, settled, show } from "../page";
import { payload } from "../samples";

const { body, documentElement: html } = document;
const settings = (window as unknown as { happyDOM: { settings: { device: object } } }).happyDOM
  .settings.device as { prefersColorScheme: string };

beforeEach(() => {
  settings.prefersColorScheme = "light";
});
afterEach(() => {
  for (const element of [body, html])
    for (const { name } of [...element.attributes]) element.removeAttribute(name);
});

/** The element of a card inside of others. */
function placed(...around: string[]): HTMLElement {
  let place = body;
  for (const style of around) {
    const next = document.createElement("div");
    next.style.cssText = style;
    place.append(next);
    place = next;
  }
  const element = document.createElement("div");
  place.append(element);
  return element;
}

describe("the theme", () => {
  it.each([
    ["true", "light"],
    ["false", "dark"],
  ])("of JupyterLab and Notebook is that of the body's mark: %s", (isLight, scheme) => {
    body.dataset.jpThemeLight = isLight;
    expect(themeOf(placed())).toMatchObject({ host: "jupyter", scheme });
  });

  it("of JupyterLab is its own, whatever the reader's system is", () => {
    settings.prefersColorScheme = "dark";
    html.style.colorScheme = "light dark";
    body.dataset.jpThemeLight = "true";
    expect(themeOf(placed()).scheme).toBe("light");
  });

  it.each([
    ["vscode-dark", "dark"],
    ["vscode-light", "light"],
    ["vscode-high-contrast", "dark"],
    ["vscode-high-contrast vscode-high-contrast-light", "light"],
  ])("of VS Code is that of the body's classes: %s", (classes, scheme) => {
    body.className = classes;
    expect(themeOf(placed())).toMatchObject({ host: "vscode", scheme });
  });

  it("of Colab is that of the ground behind the card", () => {
    expect(themeOf(placed("background-color: rgb(56, 56, 56)"))).toEqual({
      host: "page",
      scheme: "dark",
      ground: "rgb(56, 56, 56)",
      text: "#fff",
    });
    expect(themeOf(placed("background-color: rgb(255, 255, 255)")).scheme).toBe("light");
  });

  it("of marimo is that of the ground, which may be behind a shadow root", () => {
    const outer = placed("background-color: rgb(24, 28, 26)");
    const inner = document.createElement("div");
    outer.attachShadow({ mode: "open" }).append(inner);
    expect(themeOf(inner).scheme).toBe("dark");
  });

  it("does not mind a ground that shines through", () => {
    const element = placed(
      "background-color: rgb(0, 0, 0)",
      "background-color: rgba(255, 255, 255, 0.1)",
    );
    expect(themeOf(element)).toMatchObject({ scheme: "dark", ground: "rgb(0, 0, 0)" });
  });

  it.each([
    ["", "dark", "light"],
    ["light", "dark", "light"],
    ["dark", "light", "dark"],
    ["light dark", "light", "light"],
    ["light dark", "dark", "dark"],
  ])("of a page with color-scheme “%s” for a reader of %s is %s", (allowed, wanted, scheme) => {
    settings.prefersColorScheme = wanted;
    html.style.colorScheme = allowed;
    expect(themeOf(placed())).toMatchObject({ host: "page", scheme });
  });
});

describe("a card", () => {
  const place = () => el.querySelector<HTMLElement>(".frw-place") as HTMLElement;

  it("follows the host's theme", async () => {
    body.dataset.jpThemeLight = "true";
    await show(payload());
    expect([place().dataset.host, place().dataset.scheme]).toEqual(["jupyter", "light"]);
    body.dataset.jpThemeLight = "false";
    await settled();
    expect(place().dataset.scheme).toBe("dark");
  });

  it("looks again half a second later, when style sheets have come", async () => {
    await show(payload());
    const sheet = document.createElement("style");
    sheet.textContent = "body { background-color: rgb(10, 10, 10) }";
    document.head.append(sheet);
    expect(place().dataset.scheme).toBe("light");
    await pass(500);
    expect(place().dataset.scheme).toBe("dark");
    expect(place().style.getPropertyValue("--page-ground")).toBe("rgb(10, 10, 10)");
    sheet.remove();
  });
});
